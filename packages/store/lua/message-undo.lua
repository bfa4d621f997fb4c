-- message-undo: puts back to the head what the call before this one took, if it did: nobody heard its answer.
-- Closes that number on the lane, so a late copy takes nothing.
-- @role messages
-- @reply number
local list, held, leases, wake, lane = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local number, keep = ARGV[1], ARGV[2]
-- @include message-lane
-- @include message-alert
local last, answer = previous()
if last >= tonumber(number) then return 0 end
redis.call('DEL', lane)
local message = nil
if last == tonumber(number) - 1 then
  local body = string.sub(answer, 2)
  if string.sub(answer, 1, 1) == 'm' then
    message = body
  elseif redis.call('ZREM', leases, body) == 1 then
    message = redis.call('HGET', held, body)
    redis.call('HDEL', held, body)
  end
end
if message then
  redis.call('LPUSH', list, message)
  alert()
end
remember('')
return message and 1 or 0
