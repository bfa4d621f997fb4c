-- The job has its time to start from when it is due.
-- @needs arguments, deadlineFrom, deadlines, due, i, id, now, startBy, whole
startBy = deadlineFrom(due or now, tonumber(arguments[i + @extra:expiry]))
if startBy then redis.call('ZADD', deadlines, whole(startBy), id) end
