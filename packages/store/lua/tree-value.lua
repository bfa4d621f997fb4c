-- tree-value: the leaves at and below a node with their JSON, in path order. Called by TreeNode.val.
-- @reply string[]
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local node = ARGV[1]
-- @include tree-leaves
if has(node) then return { node, redis.call('HGET', nodes, node) } end
local found = {}
local page = below(node)
while #page > 0 do
  local leaves = live(page)
  if #leaves > 0 then
    local texts = redis.call('HMGET', nodes, unpack(leaves))
    for i, leaf in ipairs(leaves) do
      found[#found + 1] = leaf
      found[#found + 1] = texts[i]
    end
  end
  page = below(node, page[#page])
end
return found
