-- tree-set: replaces a node and everything below it. Called by TreeNode.set.
-- `ttl`: ms, or '' for none. Rest: `above` names of the nodes above, whose values go; then pairs of leaf and
-- JSON.
-- @role tree
-- @reply number
local nodes, index, expiry = KEYS[1], KEYS[2], KEYS[3]
local changes, allChanges, path, node, ttl, above = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
redis.call('HDEL', nodes, node)
-- @include tree-leaves
-- @include tree-written
local gone = { node }
for i = 7, 6 + above do gone[#gone + 1] = ARGV[i] end
remove(gone)
local old = below(node)
while #old > 0 do
  remove(old)
  old = below(node)
end
local till = nil
if ttl ~= '' then till = whole(now + tonumber(ttl)) end
local first = 7 + above
while first <= #ARGV do
  local last = math.min(first + 1999, #ARGV)
  local fields, entries, ends = {}, {}, {}
  for i = first, last, 2 do
    fields[#fields + 1] = ARGV[i]
    fields[#fields + 1] = ARGV[i + 1]
    entries[#entries + 1] = '0'
    entries[#entries + 1] = ARGV[i]
    if till then
      ends[#ends + 1] = till
      ends[#ends + 1] = ARGV[i]
    end
  end
  redis.call('HSET', nodes, unpack(fields))
  redis.call('ZADD', index, unpack(entries))
  if till then redis.call('ZADD', expiry, unpack(ends)) end
  first = last + 1
end
written(path)
return 1
