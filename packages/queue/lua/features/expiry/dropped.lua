-- @needs deadlines, ids
redis.call('ZREM', deadlines, unpack(ids))
