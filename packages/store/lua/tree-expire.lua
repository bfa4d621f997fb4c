-- tree-expire: gives the leaves at and below a node a time to live; answers how many. Called by
-- TreeNode.expire.
-- @role tree
-- @reply number
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local changes, allChanges, path, node, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
redis.call('HDEL', nodes, '\1')
-- @include tree-leaves
-- @include tree-written
local till = whole(now + tonumber(ttl))
local count = 0
local function give(leaves)
  local ends = {}
  for _, leaf in ipairs(leaves) do
    ends[#ends + 1] = till
    ends[#ends + 1] = leaf
  end
  if #ends > 0 then redis.call('ZADD', expiry, unpack(ends)) end
  count = count + #leaves
end
local page = below(node)
while #page > 0 do
  give(live(page))
  page = below(node, page[#page])
end
if has(node) then give({ node }) end
if count > 0 then written(path) end
return count
