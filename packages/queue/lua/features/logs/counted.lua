-- Their lines.
-- @needs counts, logs
counts[#counts + 1] = redis.call('HLEN', logs)
