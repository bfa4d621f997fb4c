-- message-put: appends a message, once however often it is sent. Answers the length of the list.
-- @role messages
-- @reply number
local list, wake, lane = KEYS[1], KEYS[2], KEYS[3]
local number, keep, message = ARGV[1], ARGV[2], ARGV[3]
-- @include message-lane
-- @include message-alert
local last, answer = previous()
if last == tonumber(number) then return tonumber(answer) or 0 end
if last > tonumber(number) then return 0 end
local length = redis.call('RPUSH', list, message)
remember(string.format('%d', length))
alert()
return length
