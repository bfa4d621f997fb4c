-- clear: removes a page of waiting jobs: blocked ones first, so that none goes on in place of one that is
-- removed. Called until it answers 0.
-- Each page is a call of its own: `lane` and `number` make a copy of the call harmless (see add). Answers how
-- many were removed, or -1 (see numbered).
-- @role operator
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, order, lane, number, renew, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
-- @include hint
-- @include now
-- @include wake
-- @hook functions
redis.call('ZREM', ready, '')
-- @include numbered
local key = blocked
local ids = redis.call('ZRANGE', blocked, 0, @constant:batchJobs - 1)
if #ids == 0 then
  key = ready
  ids = redis.call('ZRANGE', ready, 0, @constant:batchJobs - 1)
end
if #ids == 0 then
  key = scheduled
  ids = redis.call('ZRANGE', scheduled, 0, @constant:batchJobs - 1)
end
local answer = whole(#ids)
-- @include remember
if #ids == 0 then
-- @include rest
  return 0
end
redis.call('ZREM', key, unpack(ids))
redis.call('HDEL', jobs, unpack(ids))
redis.call('HDEL', state, unpack(ids))
redis.call('HDEL', cancels, unpack(ids))
-- @hook dropped
-- @hook erased
if redis.call('EXISTS', waiters) == 1 then
  redis.call('HDEL', watchers, unpack(ids))
  for _, id in ipairs(ids) do
    if redis.call('HDEL', waiters, id) == 1 then hint(channel, 'g' .. id .. '\n') end
  end
end
return #ids
