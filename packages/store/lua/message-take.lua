-- message-take: takes the message at the head of the list, for good, or with a `lease` in ms until it lapses.
-- What has lapsed goes back to the head first, at most 100 messages and about 8 MB at a time.
-- The lane keeps what it answered: 'm' and the message, or 'f' and the fence of the lease. Answers nothing,
-- the message, or the message and its fence.
-- @role messages
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
local over, back, room = {}, {}, 8000000
for i, fence in ipairs(lapsed) do
  local message = redis.call('HGET', held, fence)
  room = room - #(message or '')
  if room < 0 and i > 1 then break end
  over[i] = fence
  -- A lease that another client wrote has no message.
  if message then back[#back + 1] = message end
end
for i = #back, 1, -1 do redis.call('LPUSH', list, back[i]) end
if #over > 0 then
  redis.call('ZREM', leases, unpack(over))
  redis.call('HDEL', held, unpack(over))
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
