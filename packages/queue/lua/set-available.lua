-- set-available: how many items are due: their score is not after now.
-- @role sets
-- @reply number
local set = KEYS[1]
local offset = ARGV[1]
-- @include now
-- @include whole
return redis.call('ZCOUNT', set, '-inf', whole(now))
