-- leave: a worker that has handed back its jobs says goodbye; the last one may leave the queue at rest.
-- Called once by Worker.close().
-- @role worker
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, id = ARGV[1], ARGV[2]
-- @include now
-- @include whole
-- @include lanes
-- @include wake
redis.call('ZREM', workers, id)
redis.call('HDEL', worker, id)
redis.call('HDEL', sessions, unpack(lanesOf(id, @constant:workerLanes)))
if redis.call('HGET', meta, 'keeper') == id then redis.call('HDEL', meta, 'keeper', 'keeperUntil', 'armed') end
alert()
-- @include rest
return 1
