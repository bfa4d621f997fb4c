-- channel-look: the revision and the value of a channel; nothing when it is not initialised, or at the
-- revision that the caller has. Called by getIfUpdated and by watchers.
-- @role waiter, channels
-- @reply [epoch?: string, rev?: string, value?: string]
local channel = KEYS[1]
local epoch, rev = ARGV[1], ARGV[2]
local found = redis.call('HMGET', channel, 'epoch', 'rev')
if not found[2] or (found[1] == epoch and found[2] == rev) then return {} end
return { found[1], found[2], redis.call('HGET', channel, 'value') }
