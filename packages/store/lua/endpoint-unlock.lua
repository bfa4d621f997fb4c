-- endpoint-unlock: unlocks an endpoint, or a provider (name '.') and with it those of its endpoints that have
-- the same key, with that key or with `force` '1'. Rest: the endpoints to unlock along. Answers the return
-- code: 1 when it was not locked.
-- @role steered worker, endpoints
-- @reply number
local locks = KEYS[1]
local name, key, force = ARGV[1], ARGV[2], ARGV[3]
-- @include endpoint-refusal
redis.call('HDEL', locks, '')
local held = redis.call('HGET', locks, name)
if not held then return 1 end
local code = refusal(held)
if force ~= '1' and code ~= 0 then return code end
redis.call('HDEL', locks, name)
for i = 4, #ARGV do
  if redis.call('HGET', locks, ARGV[i]) == held then redis.call('HDEL', locks, ARGV[i]) end
end
return 0
