-- Finished jobs. Those the queue keeps have the time of their end as score, in µs and no two the same, so
-- that a count keeps the last ones; those with a `retain` of their own (or somebody who waits) have it above
-- `ownBand` and an entry in `expiry`, so that age and count are applied from the head of the set without
-- meeting them.
-- `keep` is '' for the queue's rule, else how long in ms; answers nothing.
-- @needs jobs, now, state, whole
-- @include whole
local function erase(ids)
  redis.call('HDEL', jobs, unpack(ids))
  if redis.call('EXISTS', state) == 1 then redis.call('HDEL', state, unpack(ids)) end
  -- @hook erased
end

-- What the queue's rule has too many of, or has had for too long; at most `limit`.
local function trim(key, age, count, limit)
  local old = {}
  local excess = redis.call('ZCOUNT', key, '-inf', '(' .. whole(@constant:ownRetentionBand)) - count
  if excess > 0 then
    old = redis.call('ZRANGE', key, 0, math.min(excess, limit) - 1)
  elseif age >= 0 then
    old = redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. whole((now - age + 1) * 1000), 'LIMIT', 0, limit)
  end
  if #old == 0 then return end
  redis.call('ZREM', key, unpack(old))
  erase(old)
end
