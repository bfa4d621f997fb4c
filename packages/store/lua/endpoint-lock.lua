-- endpoint-lock: locks an endpoint with `key`, or a provider (name '.') and with it those of its endpoints
-- that are not locked. Rest: the endpoints to lock along. Answers the return code: 307 when it is locked with
-- another key.
-- @role steered worker, endpoints
-- @reply number
local locks = KEYS[1]
local name, key = ARGV[1], ARGV[2]
-- @include endpoint-refusal
redis.call('HDEL', locks, '')
local code = refusal(redis.call('HGET', locks, name))
if code ~= 0 then return code end
redis.call('HSET', locks, name, key)
for i = 3, #ARGV do
  if redis.call('HEXISTS', locks, ARGV[i]) == 0 then redis.call('HSET', locks, ARGV[i], key) end
end
return 0
