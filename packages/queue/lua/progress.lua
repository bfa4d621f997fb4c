-- progress: the progress of an active job goes to its state row, where every reader finds it, and to its
-- channel, which tells who watches; there each attempt is an epoch of its own. Called by Worker at most ten
-- times a second for a job. A lost lease stores nothing. `value` is JSON, `expire` how long the channel
-- stays, in ms.
-- @role worker
-- @reply number
local leases, state, channel, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local offset, id, fence, row, value, changes, expire = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
-- @include now
-- @include channel-state
-- @include longest
redis.call('HDEL', state, '')
local lease = redis.call('HGET', leases, id)
if not lease or string.sub(lease, 1, 16) ~= fence then return 0 end
redis.call('HSET', state, id, row)
lengthen(#row)
if epoch == tonumber(fence) then
  rev, updated = rev + 1, math.max(microseconds, updated + 1)
else
  rev, epoch, created, updated = 0, tonumber(fence), microseconds, microseconds
end
local text, remembered = value, ''
-- @include channel-store
return 1
