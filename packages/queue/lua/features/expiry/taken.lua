-- @needs deadlines, deadlinesOf, expiring, ids, startedBand, whole
  if expiring then
    local bounded, started = deadlinesOf(ids), {}
    for i = 1, #bounded, 2 do
      started[i] = whole(bounded[i + 1] + startedBand)
      started[i + 1] = ids[bounded[i]]
    end
    if #started > 0 then redis.call('ZADD', deadlines, unpack(started)) end
  end
