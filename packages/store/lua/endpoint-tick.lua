-- endpoint-tick: gives a due tick of a schedule to one of the nodes that ask for it, and to the same `token`
-- again. Moves a schedule on at its fixed rate: what was missed is not made up. `member` is the endpoint, or
-- the endpoint and '!' for a single action. `at` is when it was due, `interval` '' ends it.
-- Answers 1, or 0 when another has it or there is no interval any more.
-- @role steered worker, endpoints
-- @reply number
local settings, due, claims = KEYS[1], KEYS[2], KEYS[3]
local offset, member, endpoint, at, interval, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
-- @include now
-- @include whole
-- @include endpoint-interval
redis.call('ZREM', due, '')
if redis.call('HGET', claims, member) == token then return 1 end
local since = tonumber(at)
-- A time that another client wrote may be none.
local from = math.max(since, 0)
if tonumber(redis.call('ZSCORE', due, member) or '-1') ~= since then return 0 end
if member == endpoint then
  local step = 0
  if interval ~= '' then step = intervalOf(endpoint, interval) end
  if step <= 0 then
    redis.call('ZREM', due, member)
    return 0
  end
  redis.call('ZADD', due, whole(from + (math.floor((now - from) / step) + 1) * step), member)
else
  redis.call('ZREM', due, member)
end
redis.call('HSET', claims, member, token)
return 1
