-- Keys that are held stay.
-- @needs unique
redis.call('PERSIST', unique)
