-- Lines of no job that is known.
-- @needs logs
redis.call('DEL', logs)
