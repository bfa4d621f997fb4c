-- message-take: takes the message at the head of the list, for good, or with a `lease` in ms until it lapses. What has lapsed goes back to the head first.
-- The lane keeps what it answered: 'm' and the message, or 'f' and the fence of the lease. Answers nothing, the message, or the message and its fence.
-- @reply string[]
local list, held, leases, wake, meta, lane = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local offset, number, keep, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include now
-- @include whole
-- @include digits
-- @include message-lane
-- @include message-alert
local last, answer = previous()
if last > tonumber(number) then return {} end
if last == tonumber(number) then
  local body = string.sub(answer, 2)
  if string.sub(answer, 1, 1) == 'm' then return { body } end
  local message = redis.call('HGET', held, body)
  if message then return { message, body } end
end
redis.call('HDEL', held, '')
local lapsed = redis.call('ZRANGEBYSCORE', leases, '-inf', whole(now), 'LIMIT', 0, 100)
for i = #lapsed, 1, -1 do
  -- A lease that another client wrote has no message.
  local message = redis.call('HGET', held, lapsed[i])
  if message then redis.call('LPUSH', list, message) end
end
if #lapsed > 0 then
  redis.call('ZREM', leases, unpack(lapsed))
  redis.call('HDEL', held, unpack(lapsed))
end
local message = redis.call('LPOP', list)
if not message then return {} end
alert()
if lease == '' then
  remember('m' .. message)
  return { message }
end
local fence = whole(math.max(microseconds, digits(redis.call('HGET', meta, 'fence')) + 1))
redis.call('HSET', meta, 'fence', fence)
redis.call('HSET', held, fence, message)
redis.call('ZADD', leases, whole(now + lease), fence)
remember('f' .. fence)
return { message, fence }
