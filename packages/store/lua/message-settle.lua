-- message-settle: ends a lease: the message is done with, or with `back` '1' goes back to the head. Answers 0
-- when the message was delivered to somebody else meanwhile.
-- @role messages
-- @reply number
local list, held, leases, wake, lane = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local number, keep, fence, back = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include message-lane
-- @include message-alert
local last, answer = previous()
if last == tonumber(number) then return tonumber(answer) or 0 end
if last > tonumber(number) then return 0 end
local message = redis.call('HGET', held, fence)
if not message then return 0 end
redis.call('HDEL', held, fence)
redis.call('ZREM', leases, fence)
if back == '1' then
  redis.call('LPUSH', list, message)
  alert()
end
remember('1')
return 1
