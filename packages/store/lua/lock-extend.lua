-- lock-extend: a lease ends no sooner than in `ttl` ms from now. Called by its holder, three times in the
-- life of a lease. Answers 0 when the lease is over.
-- @role locks
-- @reply number
local entries, ends = KEYS[1], KEYS[2]
local offset, id, ttl = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
redis.call('ZREM', ends, '')
local till = tonumber(redis.call('ZSCORE', ends, id) or 0)
if till < now or string.sub(redis.call('HGET', entries, id) or '', 1, 1) ~= 'h' then return 0 end
redis.call('ZADD', ends, whole(math.max(till, now + ttl)), id)
return 1
