-- Runs are the business of a worker that was told of some: it looks again when it has added them.
-- @needs earliest, runs, ticks
  local soonest = {}
  if runs == 0 then soonest = redis.call('ZRANGE', ticks, 0, 0, 'WITHSCORES') end
  local tick = tonumber(soonest[2] or nil)
  if tick and (earliest == nil or tick < earliest) then earliest = tick end
