-- The job has the time of what it has become.
-- @needs arguments, deadlineFrom, deadlines, i, id, was, whole
  local startBy = deadlineFrom(was, tonumber(arguments[i + @extra:expiry]))
  if startBy then redis.call('ZADD', deadlines, whole(startBy), id) else redis.call('ZREM', deadlines, id) end
