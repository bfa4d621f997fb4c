-- Runs are the business of a worker that was told of some: it looks again when it has added them.
-- @needs earliest, runs, ticks
  local head = runs == 0 and redis.call('ZRANGE', ticks, 0, 0, 'WITHSCORES') or {}
  local tick = tonumber(head[2] or nil)
  if tick and (earliest == nil or tick < earliest) then earliest = tick end
