-- schedule-remove: forgets a schedule that nobody has changed since it was read; what it has added stays. `revision` is the one that was read: a copy of the call that comes late must not
-- remove another one that took its place. Answers how many: 0 or 1.
-- @reply number
local schedules, ticks, meta = KEYS[1], KEYS[2], KEYS[3]
local id, revision = ARGV[1], ARGV[2]
-- @include whole
-- @include digits
redis.call('ZREM', ticks, '')
local row = redis.call('HGET', schedules, id)
if not row or string.match(row, '^%d*') ~= revision then return 0 end
redis.call('HDEL', schedules, id)
redis.call('ZREM', ticks, id)
redis.call('HSET', meta, 'removals', whole(digits(redis.call('HGET', meta, 'removals')) + 1))
return 1
