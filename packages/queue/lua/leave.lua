-- leave: a worker that has handed back its jobs says goodbye. Called once by Worker.close().
-- @reply number
local workers, worker, sessions, wake, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id = ARGV[1]
-- @include wake
redis.call('ZREM', workers, id)
redis.call('HDEL', worker, id)
redis.call('HDEL', sessions, id .. ':0', id .. ':1')
if redis.call('HGET', meta, 'keeper') == id then redis.call('HDEL', meta, 'keeper', 'keeperUntil', 'armed') end
alert()
return 1
