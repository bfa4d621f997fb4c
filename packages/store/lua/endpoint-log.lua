-- endpoint-log: decides whether a scheduled reading is published, and publishes it. The first that is true:
-- nothing was logged yet; more than `longest` ms (0: never) went by since; `number` ('' for text) differs
-- from the last one logged by more than `fraction` of it. Answers 1 when it was published. A copy of a call
-- that was applied (`id`) changes nothing.
-- @role steered worker, endpoints
-- @reply number
local logged, applied = KEYS[1], KEYS[2]
local offset, id, endpoint, number, longest, fraction, channel, alert = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
-- @include hint
-- @include now
-- @include whole
-- @include endpoint-once
if known then return 0 end
local at, last = string.match(redis.call('HGET', logged, endpoint) or '', '^(%d+) (.*)$')
local publishes = not at or (tonumber(longest) > 0 and now - tonumber(at) > tonumber(longest))
if not publishes and number ~= '' then
  local before, after = tonumber(last), tonumber(number)
  if not before then
    publishes = true
  elseif before == 0 then
    publishes = after ~= 0
  else
    publishes = math.abs(before - after) / math.abs(before) > tonumber(fraction)
  end
end
if not publishes then return 0 end
redis.call('ZADD', applied, whole(now), id)
redis.call('HSET', logged, endpoint, whole(now) .. ' ' .. number)
hint(channel, alert .. whole(now) .. '}')
return 1
