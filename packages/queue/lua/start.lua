-- start: marks the lease of a suspect as started, before its handler runs: only the stall of a started lease
-- may fail a job. Answers 0 when the lease is lost.
-- @role worker
-- @reply number
local leases = KEYS[1]
local id, fence = ARGV[1], ARGV[2]
local row = redis.call('HGET', leases, id)
if not row or string.sub(row, 1, 16) ~= fence then return 0 end
redis.call('HDEL', leases, '\n')
redis.call('HSET', leases, id, string.sub(row, 1, -2) .. '0')
return 1
