-- tree-forget: drops the name of a section that was found empty, unless somebody may be about to write it.
-- Called by who lists the root.
-- @role tree
-- @reply number
local sections, registered = KEYS[1], KEYS[2]
local section = ARGV[1]
local offset = 0
-- @include now
local since = tonumber(redis.call('HGET', registered, section)) or 0
if since > now - 600000 then return 0 end
redis.call('HDEL', registered, section)
return redis.call('ZREM', sections, section)
