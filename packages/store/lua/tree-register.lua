-- tree-register: remembers the name of a section that is about to be written, for those who begin at the
-- root. Called at most once a minute for each section and client.
-- @role tree
-- @reply number
local sections, registered = KEYS[1], KEYS[2]
local section = ARGV[1]
local offset = 0
-- @include now
-- @include whole
redis.call('HDEL', registered, '')
redis.call('HSET', registered, section, whole(now))
redis.call('ZADD', sections, '0', section)
return 1
