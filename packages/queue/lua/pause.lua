-- pause: no worker takes from the queue while `paused` is there; with paused '0' they take again.
-- `lane` and `number` make a copy of the call harmless (see add). Answers 1, or -1 (see numbered).
-- @role operator
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, lane, number, renew, paused = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- @include now
-- @include whole
-- @include wake
redis.call('HDEL', meta, '')
-- @include numbered
local answer = '1'
-- @include remember
redis.call('HDEL', meta, 'paused')
if paused == '1' then
  redis.call('HSET', meta, 'paused', '1')
-- @include rouse
else
  alert()
-- @include rest
end
return 1
