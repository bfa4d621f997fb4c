-- endpoint-configure: sets an attribute of an endpoint, if the lock lets `key` pass; `value` is JSON, '' goes
-- back to the configuration. With schedule_status 'true' the schedule starts with a tick now, 'false' stops
-- it; a new schedule_interval counts from now; single_schedule is no attribute but one tick, `value` ms from
-- now. Wakes the nodes.
-- Answers the return code; 999 for a start without an interval. A copy of a call that was applied (`id`)
-- changes nothing.
-- @role steered worker, endpoints
-- @reply number
local settings, locks, due, applied = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local offset, id, endpoint, key, attribute, value, interval, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
-- @include hint
-- @include now
-- @include whole
-- @include endpoint-refusal
-- @include endpoint-interval
-- @include endpoint-once
if known then return 0 end
local code = refusal(redis.call('HGET', locks, endpoint))
if code ~= 0 then return code end
local field = endpoint .. '.' .. attribute
local starts = attribute == 'schedule_status' and value == 'true'
if starts and intervalOf(endpoint, interval) <= 0 then return 999 end
redis.call('ZADD', applied, whole(now), id)
if attribute == 'single_schedule' then
  redis.call('ZADD', due, whole(now + tonumber(value)), endpoint .. '!')
elseif value == '' then
  redis.call('HDEL', settings, field)
else
  redis.call('HSET', settings, field, value)
end
if starts then
  redis.call('ZADD', due, whole(now), endpoint)
elseif attribute == 'schedule_status' then
  redis.call('ZREM', due, endpoint)
elseif attribute == 'schedule_interval' and redis.call('ZSCORE', due, endpoint) then
  local step = intervalOf(endpoint, interval)
  if step > 0 then redis.call('ZADD', due, whole(now + step), endpoint) else redis.call('ZREM', due, endpoint) end
end
hint(channel, '')
return 0
