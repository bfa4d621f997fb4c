-- endpoint-request: leaves a request for the nodes of a provider and wakes them, unless its deadline is over.
-- A copy of a call that was applied changes nothing. Answers 1 when it is new. The row of a request begins
-- with 'w' while it waits, 'c' and the token of its taker while it is carried out, 'a' and then the answer
-- until its deadline.
-- @role steering, endpoints
-- @reply number
local requests, pending, deadlines = KEYS[1], KEYS[2], KEYS[3]
local offset, id, request, deadline, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- @include hint
-- @include now
-- @include whole
-- @include endpoint-expire
if tonumber(deadline) <= now or redis.call('HEXISTS', requests, id) == 1 then return 0 end
redis.call('HSET', requests, id, 'w' .. request)
redis.call('ZADD', pending, deadline, id)
redis.call('ZADD', deadlines, deadline, id)
-- A request may come just after its provider was forgotten: then nobody looks after it, so it ends by itself,
-- in a day.
for _, key in ipairs({ requests, pending, deadlines }) do
  redis.call('PEXPIRE', key, 86400000)
end
hint(channel, id)
return 1
