-- pause: no worker takes from the queue while `paused` is there; with paused '0' they take again. Answers 1.
-- @reply number
local wake, meta = KEYS[1], KEYS[2]
local paused = ARGV[1]
-- @include wake
redis.call('HDEL', meta, 'paused')
if paused == '1' then redis.call('HSET', meta, 'paused', '1') else alert() end
return 1
