-- retry: failed or cancelled jobs go back to `ready` with a full new set of attempts. Rest: ids, at most 100. Answers how many.
-- @reply number
local jobs, ready, failed, cancelled, state, expiry, wake, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local order = ARGV[1]
-- @include rank
-- @include wake
redis.call('ZREM', expiry, '')
local moved = 0
for i = 2, #ARGV do
  local id = ARGV[i]
  local row = redis.call('HGET', jobs, id)
  if row and redis.call('ZREM', failed, id) + redis.call('ZREM', cancelled, id) > 0 then
    redis.call('ZREM', expiry, 'j' .. id, 'w' .. id)
    redis.call('HDEL', state, id)
    redis.call('ZADD', ready, rank(row, redis.call('HINCRBY', meta, 'sequence', 1)), id)
    moved = moved + 1
  end
end
if moved > 0 then alert() end
return moved
