-- Lines go with their job.
-- @keys logs
-- @needs ids, logs
if redis.call('EXISTS', logs) == 1 then redis.call('HDEL', logs, unpack(ids)) end
