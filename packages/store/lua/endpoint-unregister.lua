-- endpoint-unregister: takes a provider that will not come back out of the registry. Answers 1, or 0 when it
-- was not there.
-- @role steered worker, endpoints
-- @reply number
local providers, names, seen = KEYS[1], KEYS[2], KEYS[3]
local provider, node = ARGV[1], ARGV[2]
-- @include endpoint-unlist
redis.call('ZREM', seen, provider .. '\n' .. node)
unlist(provider)
return redis.call('ZREM', seen, provider)
