-- Calls that were applied are known by their id for a minute: `known` says that this is a copy of one, sent
-- again because its answer was lost.
-- @needs applied, id, now, whole
local stale = redis.call('ZRANGEBYSCORE', applied, '-inf', whole(now - 60000), 'LIMIT', 0, 100)
redis.call('ZREM', applied, '', unpack(stale))
local known = redis.call('ZSCORE', applied, id)
