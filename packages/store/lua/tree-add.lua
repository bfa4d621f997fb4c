-- tree-add: adds to the number of a leaf, which is made if need be and keeps its time to live; answers the
-- new number as text. Called by TreeNode.add. Rest: names of the nodes above, whose values go.
-- @role tree
-- @reply string
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local changes, allChanges, path, node, amount = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
redis.call('HDEL', nodes, '\1')
-- @include tree-leaves
-- @include tree-written
local page = below(node)
while #page > 0 do
  if #live(page) > 0 then return redis.error_reply('NOT_A_NUMBER a branch') end
  page = below(node, page[#page])
end
local before = '0'
if has(node) then before = redis.call('HGET', nodes, node) else remove({ node }) end
if not string.match(before, '^%-?%d[%d.eE+-]*$') or not tonumber(before) then return redis.error_reply('NOT_A_NUMBER ' .. string.sub(before, 1, 40)) end
local total = tonumber(before) + tonumber(amount)
if total ~= total or total == math.huge or total == -math.huge then return redis.error_reply('NOT_A_NUMBER beyond the range of numbers') end
-- Seventeen digits tell every double from every other.
local text = string.format('%.17g', total)
local above = {}
for i = 6, #ARGV do above[#above + 1] = ARGV[i] end
remove(above)
redis.call('HSET', nodes, node, text)
redis.call('ZADD', index, '0', node)
written(path)
return text
