-- lock-release: gives up a lease, or a place among those who wait, and wakes others. Called once by either; a
-- second call finds nothing.
-- With `leave` '1' the id is refused for a minute: a copy of its acquire that comes late, from a connection
-- that is slow to die, must not take the lock for nobody. Answers 1 when there was a lease and its time was
-- not over.
-- @role locks
-- @reply number
local entries, ends, index, waiters = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local offset, id, leave, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include now
-- @include whole
-- @include lock-nodes
-- @include lock-entries
-- @include lock-obstacles
-- @include lock-wake
redis.call('HDEL', entries, '')
local live = tonumber(redis.call('ZSCORE', ends, id) or 0) >= now
local kind = drop(id)
if leave == '1' then
  redis.call('HSET', entries, id, 'x')
  redis.call('ZADD', ends, whole(now + 60000), id)
end
sweep()
wake()
if kind == 'h' and live then return 1 end
return 0
