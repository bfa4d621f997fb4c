-- Jobs that are taken away have no time to start any more.
-- @needs deadlines, ids
redis.call('ZREM', deadlines, unpack(ids))
