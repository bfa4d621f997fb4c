-- lock-held: whether somebody has a lease on a node or on one above it, 1 or 0. Called by isLocked(); writes
-- nothing.
-- @role locks
-- @reply number
local ends, index = KEYS[1], KEYS[2]
local offset, node = ARGV[1], ARGV[2]
-- @include now
-- @include lock-nodes
for _, each in ipairs(upTo(node)) do
  local from, members = '[h' .. each .. '\2', nil
  repeat
    members = redis.call('ZRANGEBYLEX', index, from, '(h' .. each .. '\3', 'LIMIT', 0, 100)
    for _, member in ipairs(members) do
      -- Who has ended is still there until the next acquire.
      if (tonumber(redis.call('ZSCORE', ends, string.match(member, '[^\2]*$'))) or 0) >= now then return 1 end
    end
    from = '(' .. (members[100] or '')
  until #members < 100
end
return 0
