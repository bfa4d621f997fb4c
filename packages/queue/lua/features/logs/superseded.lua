-- The lines were those of what it has been.
-- @keys logs
-- @needs id, logs
  redis.call('HDEL', logs, id)
