-- The first time at which a job has failed that has not started.
-- @needs deadlines, earliest, expiring
  local first = expiring and redis.call('ZRANGE', deadlines, 0, 0, 'WITHSCORES')
  local startBy = first and first[1] and tonumber(first[2])
  if startBy and startBy < @constant:timeLimit and (earliest == nil or startBy < earliest) then earliest = startBy end
