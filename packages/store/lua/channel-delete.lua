-- channel-delete: removes all of a channel but its epoch, which stays for a day: the next one is above it,
-- whatever the server's clock does. Called by Channel.delete.
-- @role channels
-- @reply number
local channel = KEYS[1]
local removed = redis.call('HDEL', channel, 'value', 'rev', 'created', 'updated', 'last')
if removed == 0 then return 0 end
redis.call('PEXPIRE', channel, '86400000')
return 1
