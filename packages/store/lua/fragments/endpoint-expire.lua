-- Requests past their deadline are forgotten, and their answers with them.
-- @needs deadlines, now, pending, requests, whole
local expired = redis.call('ZRANGEBYSCORE', deadlines, '-inf', whole(now), 'LIMIT', 0, 100)
redis.call('ZREM', deadlines, '', unpack(expired))
redis.call('ZREM', pending, '', unpack(expired))
redis.call('HDEL', requests, '', unpack(expired))
