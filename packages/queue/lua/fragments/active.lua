-- The only way out of `active`: the lease goes with the job.
-- @needs active, leases
local function leaveActive(ids)
  redis.call('ZREM', active, unpack(ids))
  redis.call('HDEL', leases, unpack(ids))
end
