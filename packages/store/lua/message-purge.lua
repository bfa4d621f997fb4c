-- message-purge: removes all messages, those under a lease too. Answers how many.
-- @role messages
-- @reply number
local list, held, leases, wake = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local count = redis.call('LLEN', list) + redis.call('HLEN', held)
redis.call('UNLINK', list, held, leases, wake)
return count
