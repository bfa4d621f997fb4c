-- What happens next by itself: a due time, a lease's deadline, an end of retention. One worker with free hands, the keeper, arms a timer for it; the others look every second.
-- When work remains that this take was too small for, the token goes on to somebody with free hands.
local function watch(count, judged)
  if not settings[2] and count >= want and redis.call('ZCARD', ready) > 0 then alert() end
  local earliest = nil
  for _, key in ipairs({ scheduled, active, expiry }) do
    local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    local at = #head > 0 and tonumber(head[2])
    -- Leases are not judged before that time.
    if at and key == active then at = math.max(at, judged) end
    if at and (earliest == nil or at < earliest) then earliest = at end
  end
  local keeper, keeperUntil, armed = settings[4], tonumber(settings[5] or 0), tonumber(settings[6] or 0)
  local next = math.max(earliest or now + 1000, now)
  if want == 0 or count >= want then
    -- A full worker keeps watch only if it does already: its own next settle moves what is due.
    if keeper ~= worker then return '' end
    return whole(next)
  end
  if keeper == worker or keeperUntil < now or armed < now or next < armed then
    redis.call('HSET', meta, 'keeper', worker, 'keeperUntil', whole(now + 1500), 'armed', whole(next))
    return whole(next)
  end
  return ''
end
