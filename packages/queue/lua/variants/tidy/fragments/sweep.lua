-- Retention by age, for the queue's rule and for jobs with one of their own; sessions that were not heard of
-- for ten minutes; what features keep for a time.
-- @needs cancelled, completed, completedAge, completedCount, erase, expiry, failed, failedAge, failedCount, lanesOf, now, sessions, trim, waiters, whole
-- @include lanes
local function sweep()
  trim(completed, completedAge, completedCount, 100)
  trim(cancelled, completedAge, completedCount, 100)
  trim(failed, failedAge, failedCount, 100)
  local ended = redis.call('ZRANGEBYSCORE', expiry, '-inf', whole(now), 'LIMIT', 0, 100)
  if #ended == 0 then return end
  redis.call('ZREM', expiry, unpack(ended))
  for _, member in ipairs(ended) do
    local mark, name = string.match(member, '^(%l+):(.*)$')
    if mark == 's' then
      redis.call('HDEL', sessions, unpack(lanesOf(name, @constant:clientLanes)))
    elseif mark == 'w' then
      redis.call('HDEL', waiters, name)
      for _, key in ipairs({ completed, failed, cancelled }) do
        local score = tonumber(redis.call('ZSCORE', key, name) or nil)
        if score and score >= @constant:ownRetentionBand then redis.call('ZADD', key, whole(score - @constant:ownRetentionBand), name) end
      end
    elseif mark == 'j' and redis.call('ZREM', completed, name) + redis.call('ZREM', failed, name) + redis.call('ZREM', cancelled, name) > 0 then
      redis.call('HDEL', waiters, name)
      erase({ name })
    end
    -- @hook swept
  end
end
