-- message-size: how many messages wait, those whose lease has lapsed among them.
-- @role messages
-- @reply number
local list, leases = KEYS[1], KEYS[2]
local offset = ARGV[1]
-- @include now
-- @include whole
return redis.call('LLEN', list) + redis.call('ZCOUNT', leases, '-inf', whole(now))
