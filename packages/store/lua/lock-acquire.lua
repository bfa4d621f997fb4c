-- lock-acquire: takes a lease on a node, or a place among those who wait (with `wait` '1'). Called when a
-- lock is asked for, and by who waits: when woken, and every second. First come, first served: it is granted
-- when no other owner has a lease, or an earlier place, at the node, above it or below it. Asking again with
-- the same id is harmless. A waiter that is silent for 5 s loses its place. Answers the fence ('' when it is
-- not granted) and in how many ms to ask again (0: at once, there is more to tidy up).
-- @role locks
-- @reply [fence: string, again: number]
local entries, ends, index, waiters, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local offset, id, node, owner, expires, wait, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
-- @include now
-- @include whole
-- @include digits
-- @include lock-nodes
-- @include lock-entries
-- @include lock-obstacles
-- @include lock-wake
redis.call('HDEL', entries, '')
local tidy = sweep()
wake()
local entry = redis.call('HGET', entries, id) or ''
-- A copy that comes late, of somebody who has left.
if entry == 'x' then return { '', 1000 } end
local kind, _, order = parse(entry)
if kind == 'h' then
  redis.call('ZADD', ends, whole(math.max(now + expires, tonumber(redis.call('ZSCORE', ends, id)) or 0)), id)
  return { order, 0 }
end
if not tidy then return { '', 0 } end
local place = tonumber(order) or digits(redis.call('HGET', meta, 'sequence')) + 1
local lease, waiter = obstacles(node, owner, place)
if not lease and not waiter then
  drop(id)
  local fence = whole(math.max(microseconds, digits(redis.call('HGET', meta, 'fence')) + 1))
  local granted = 'h' .. node .. '\2' .. fence .. '\2' .. owner
  redis.call('HSET', meta, 'fence', fence)
  redis.call('HSET', entries, id, granted)
  redis.call('ZADD', ends, whole(now + expires), id)
  redis.call('ZADD', index, '0', granted .. '\2' .. id, '0', listed(owner, node, id))
  return { fence, 0 }
end
if wait == '1' then
  if not kind then
    local waiting = 'w' .. node .. '\2' .. string.format('%016.0f', place) .. '\2' .. owner
    redis.call('HSET', meta, 'sequence', whole(place))
    redis.call('HSET', entries, id, waiting)
    redis.call('ZADD', index, '0', waiting .. '\2' .. id)
    redis.call('ZADD', waiters, whole(place), id)
  end
  redis.call('ZADD', ends, whole(now + 5000), id)
end
-- The first in line looks when the lease ends, for its holder may have died.
if waiter then return { '', 1000 } end
return { '', math.min(1000, tonumber(redis.call('ZSCORE', ends, lease)) - now + 1) }
