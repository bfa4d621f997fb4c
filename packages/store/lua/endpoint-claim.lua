-- endpoint-claim: gives a request to one of the nodes that ask for it, and to the same `token` again. Answers
-- the request; '' when another has it or its deadline is over.
-- @role steered worker, endpoints
-- @reply string
local requests, pending = KEYS[1], KEYS[2]
local offset, id, token = ARGV[1], ARGV[2], ARGV[3]
-- @include now
local deadline = tonumber(redis.call('ZSCORE', pending, id) or '0')
redis.call('ZREM', pending, id)
local row = redis.call('HGET', requests, id) or ''
local mine = 'c' .. token .. '\n'
if string.sub(row, 1, #mine) == mine then return string.sub(row, #mine + 1) end
if string.sub(row, 1, 1) ~= 'w' or deadline <= now then return '' end
local request = string.sub(row, 2)
redis.call('HSET', requests, id, mine .. request)
return request
