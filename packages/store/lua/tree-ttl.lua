-- tree-ttl: ms until the first of the leaves at and below a node ends; -1: none does, -2: there is none.
-- Called by TreeNode.ttl.
-- @role tree
-- @reply number
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local node = ARGV[1]
-- @include tree-leaves
local found, earliest = has(node), nil
local function look(leaves)
  if #leaves == 0 then return end
  found = true
  if not expiring then return end
  for _, till in ipairs(redis.call('ZMSCORE', expiry, unpack(leaves))) do
    if till and (not earliest or tonumber(till) < earliest) then earliest = tonumber(till) end
  end
end
if found then look({ node }) end
local page = below(node)
while #page > 0 do
  look(live(page))
  if not expiring then break end
  page = below(node, page[#page])
end
if not found then return -2 end
if not earliest then return -1 end
return earliest - now
