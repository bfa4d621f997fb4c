-- tree-value: the leaves at and below a node with their JSON, in path order. Refused where they have more
-- than `room` bytes: an atomic read has no pages. Called by TreeNode.val.
-- @role tree
-- @reply string[]
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local path, node, room = ARGV[1], ARGV[2], ARGV[3]
-- @include tree-leaves
if has(node) then return { node, redis.call('HGET', nodes, node) } end
local found, left = {}, tonumber(room)
local page = below(node)
while #page > 0 do
  local leaves = live(page)
  for _, leaf in ipairs(leaves) do
    -- One by one: a thousand at once could be any number of bytes.
    local text = redis.call('HGET', nodes, leaf)
    left = left - #leaf - #(text or '')
    if left < 0 then return redis.error_reply('TREE_TOO_LARGE ' .. path) end
    found[#found + 1] = leaf
    found[#found + 1] = text
  end
  page = below(node, page[#page])
end
return found
