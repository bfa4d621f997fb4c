-- endpoint-find: what the first two parts of an address may stand for. Called by EndpointClient for each
-- request.
-- Answers the time, the endpoints of the provider `first`, those of the provider `second` if it runs on the
-- node `first`, and at most two 'endpoint newline provider' of the endpoint `first`.
-- @role steering, endpoints
-- @reply [now: string, first: string | null, second: string | null, flat: string[]]
local providers, names, seen = KEYS[1], KEYS[2], KEYS[3]
local offset, first, second = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
local under = false
if second ~= '' and redis.call('ZSCORE', seen, second .. '\n' .. first) then under = redis.call('HGET', providers, second) end
local flat = redis.call('ZRANGEBYLEX', names, '[' .. first .. '\n', '(' .. first .. '\11', 'LIMIT', 0, 2)
return { whole(now), redis.call('HGET', providers, first), under, flat }
