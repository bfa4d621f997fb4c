-- @needs unique
redis.call('PERSIST', unique)
