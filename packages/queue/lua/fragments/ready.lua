-- The only way into `ready`.
-- @param entries scores, as rank() gives them or as they were before, and ids, in turn
-- @needs ready
local function makeReady(entries)
  redis.call('ZADD', ready, unpack(entries))
end
