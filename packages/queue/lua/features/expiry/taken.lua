-- Who has started in time has no time any more until it is handed back.
-- @needs deadlines, deadlinesOf, expiring, ids, whole
  if expiring then
    local bounded, started = deadlinesOf(ids), {}
    for i = 1, #bounded, 2 do
      started[i] = whole(bounded[i + 1] + @constant:timeLimit)
      started[i + 1] = ids[bounded[i]]
    end
    if #started > 0 then redis.call('ZADD', deadlines, unpack(started)) end
  end
