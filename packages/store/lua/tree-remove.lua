-- tree-remove: takes a node away with everything below it; answers how many leaves. Called by TreeNode.clear
-- and delete.
-- @role tree
-- @reply number
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local changes, allChanges, path, node = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
redis.call('HDEL', nodes, '\1')
-- @include tree-leaves
-- @include tree-written
local removed = 0
if has(node) then
  removed = 1
  remove({ node })
end
local page = below(node)
while #page > 0 do
  removed = removed + #live(page)
  remove(page)
  page = below(node)
end
if removed > 0 then written(path) end
return removed
