-- remove: forgets jobs that are not active, and tells who waits for them. Rest: ids, at most 100.
-- `lane` and `number` make a copy of the call harmless (see add). Answers how many, or -1 (see numbered).
-- @role operator
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, order, lane, number, renew, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
-- @include hint
-- @include now
-- @hook functions
-- @include wake
redis.call('ZREM', ready, '')
-- @include numbered
local removed = 0
for i = 7, #ARGV do
  local id = ARGV[i]
  local found = 0
  for _, key in ipairs({ ready, scheduled, blocked, completed, failed, cancelled }) do found = found + redis.call('ZREM', key, id) end
  if found > 0 then
    redis.call('HDEL', jobs, id)
    redis.call('HDEL', state, id)
    redis.call('HDEL', cancels, id)
    local ids = { id }
    -- @hook dropped
    -- @hook erased
    redis.call('ZREM', expiry, 'j:' .. id, 'w:' .. id)
    redis.call('HDEL', watchers, id)
    if redis.call('HDEL', waiters, id) == 1 then hint(channel, 'g' .. id .. '\n') end
    removed = removed + 1
  end
end
local answer = whole(removed)
-- @include remember
-- @include rest
return removed
