-- schedule-remove: forgets a schedule that nobody has changed since it was read; what it has added stays.
-- `revision` is the one that was read: a copy of the call that comes late must not remove another one that
-- took its place. Answers how many: 0 or 1.
-- @role scheduler
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, id, revision = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
-- @include digits
redis.call('ZREM', ticks, '')
local row = redis.call('HGET', schedules, id)
if not row or string.match(row, '^%d*') ~= revision then return 0 end
redis.call('HDEL', schedules, id)
redis.call('ZREM', ticks, id)
redis.call('HSET', meta, 'removals', whole(digits(redis.call('HGET', meta, 'removals')) + 1))
-- @include rest
return 1
