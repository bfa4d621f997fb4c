-- endpoint-start: starts every schedule with an interval above 0 that was not stopped by hand; one that runs
-- goes on. Called when a provider starts, after a reconnect, and every minute. Rest: pairs of endpoint and
-- interval in ms as configured.
-- @role steered worker, endpoints
-- @reply number
local settings, due = KEYS[1], KEYS[2]
local offset = ARGV[1]
-- @include now
-- @include whole
-- @include endpoint-interval
redis.call('ZREM', due, '')
for i = 2, #ARGV, 2 do
  local endpoint = ARGV[i]
  local step = intervalOf(endpoint, ARGV[i + 1])
  local at = tonumber(redis.call('ZSCORE', due, endpoint) or '-1')
  if step <= 0 or redis.call('HGET', settings, endpoint .. '.schedule_status') == 'false' then
    redis.call('ZREM', due, endpoint)
  elseif at < 0 then
    redis.call('ZADD', due, whole(now), endpoint)
  elseif at > now + step then
    redis.call('ZADD', due, whole(now + step), endpoint)
  end
end
return 1
