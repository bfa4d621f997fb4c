-- endpoint-answer: keeps the answer to a request until its deadline, for a client that missed the message,
-- and tells the client. Answers 0 when nobody waits any more.
-- @role steered worker, endpoints
-- @reply number
local requests = KEYS[1]
local id, answer, channel = ARGV[1], ARGV[2], ARGV[3]
-- @include hint
redis.call('HDEL', requests, '')
if redis.call('HEXISTS', requests, id) == 0 then return 0 end
redis.call('HSET', requests, id, 'a' .. answer)
hint(channel, id .. '\n' .. answer)
return 1
