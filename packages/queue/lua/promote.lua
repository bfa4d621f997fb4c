-- promote: scheduled jobs become ready now. Rest: ids, at most 100. Answers how many.
-- @reply number
local jobs, scheduled, ready, wake, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local order = ARGV[1]
-- @include rank
-- @include wake
redis.call('ZREM', scheduled, '')
local moved = 0
for i = 2, #ARGV do
  local id = ARGV[i]
  local row = redis.call('HGET', jobs, id)
  if row and redis.call('ZREM', scheduled, id) == 1 then
    redis.call('ZADD', ready, rank(row, redis.call('HINCRBY', meta, 'sequence', 1)), id)
    moved = moved + 1
  end
end
if moved > 0 then alert() end
return moved
