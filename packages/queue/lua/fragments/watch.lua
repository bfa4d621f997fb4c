-- What happens next by itself: a due time, a lease's deadline, an end of retention, and what features wait
-- for. One worker with free hands, the keeper, arms a timer for it; the others look every second. A full
-- worker passes the token on to somebody with free hands, when work remains or a time that no timer waits
-- for.
-- @needs active, alert, armed, expiry, keeper, keeperUntil, meta, now, paused, ready, scheduled, want, whole, worker
local function watch(count, judged)
  local earliest = nil
  for _, key in ipairs({ scheduled, active, expiry }) do
    local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    local at = #head > 0 and tonumber(head[2])
    -- Leases are not judged before that time.
    if at and key == active then at = math.max(at, judged) end
    if at and (earliest == nil or at < earliest) then earliest = at end
  end
  -- @hook next
  keeperUntil, armed = tonumber(keeperUntil) or 0, tonumber(armed) or 0
  local next = math.max(earliest or now + 1000, now)
  local full, keeps = count >= want, keeper == worker
  -- A timer for this very instant may have fired already.
  local covered = armed > now and armed <= next
  -- While the queue is paused nobody has a free hand and all listen: a token would go round for ever.
  if full and not paused and (redis.call('ZCARD', ready) > 0 or (earliest and not keeps and not covered)) then alert() end
  -- A keeper that is full waits for what it has armed, though that may be gone: an add that is due later puts
  -- no token.
  if full and keeps and covered then return whole(armed) end
  if keeps or (not full and (keeperUntil < now or not covered)) then
    redis.call('HSET', meta, 'keeper', worker, 'keeperUntil', whole(now + @constant:keeperHolds), 'armed', whole(next))
    return whole(next)
  end
  return ''
end
