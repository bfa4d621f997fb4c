-- Whether the queue is at rest: nothing is in it, nothing is scheduled, no worker lives, and it is not
-- paused. Then what it has left ends by itself in a day, or when the last unique key that is held for a time
-- is free; whatever uses the queue takes that off (see rouse). The mark of rest is that there is no
-- `sequence`: an add reads it anyway.
-- @needs active, blocked, cancelled, cancels, completed, deadlines, expiry, failed, jobs, lanesOf, leases, meta, now, readded, ready, scheduled, schedules, sessions, state, ticks, unique, waiters, wake, watchers, whole, worker, workers
-- @include whole
-- @include lanes
if redis.call('EXISTS', jobs, schedules, ready, scheduled, active, blocked, completed, failed, cancelled) == 0 and redis.call('HEXISTS', meta, 'paused') == 0
  and redis.call('ZCOUNT', workers, '(' .. whole(now), '+inf') == 0 then
  redis.call('HDEL', meta, 'sequence')
  -- Workers that have died are forgotten; one that was only silent hears with its next heartbeat that it was
  -- given up.
  for _, name in ipairs(redis.call('ZRANGE', workers, 0, 99)) do redis.call('HDEL', sessions, unpack(lanesOf(name, @constant:workerLanes))) end
  redis.call('DEL', wake, leases, workers, worker, ticks, state, cancels, waiters, watchers, deadlines)
  -- @hook rested
  local last = redis.call('ZREVRANGE', expiry, 0, 0, 'WITHSCORES')
  -- Another client may have written any number.
  local stays = math.max(@constant:restingTime, math.min(tonumber(last[2] or 0) - now, @constant:timeLimit))
  for _, key in ipairs({ meta, sessions, expiry, readded, unique }) do redis.call('PEXPIRE', key, whole(stays)) end
end
