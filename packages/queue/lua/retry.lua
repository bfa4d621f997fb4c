-- retry: failed or cancelled jobs go back to `ready` with a full new set of attempts; not one whose unique key another job holds, and one that finds it free holds it again (but for
-- a key held for a time, which bounds adds and not runs); the time to start begins again. Rest: ids, at most 100. Answers how many.
-- @reply number
local jobs, scheduled, ready, active, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local state, expiry, wake, unique, waiters, deadlines, meta = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13]
local offset, order = ARGV[1], ARGV[2]
-- @include now
-- @include holder
-- @include deadlines
-- @include rank
-- @include sequence
-- @include wake
local rows, options = {}, {}
for i = 3, #ARGV do
  rows[i] = redis.call('HGET', jobs, ARGV[i])
  options[i] = rows[i] and optionsOf(rows[i])
  -- It may have a unique key, which another job holds.
  if rows[i] and not options[i] then return redis.error_reply('UNREADABLE_ROW ' .. ARGV[i]) end
end
redis.call('ZREM', expiry, '')
local claims = { waiting = 'w', unfinished = 'u' }
local moved = 0
for i = 3, #ARGV do
  local id, row = ARGV[i], rows[i]
  local claim = row and options[i].unique
  local during = type(claim) == 'table' and type(claim.key) == 'string' and claims[claim.during]
  if row and not (during and holderOf(claim.key)) and redis.call('ZREM', failed, id) + redis.call('ZREM', cancelled, id) > 0 then
    if during then hold(claim.key, during, id) end
    redis.call('ZREM', expiry, 'j' .. id, 'w' .. id)
    redis.call('HDEL', state, id)
    redis.call('HDEL', waiters, id)
    redis.call('ZADD', ready, rank(row, advance(1), rearm(id, now, row)), id)
    moved = moved + 1
  end
end
if moved > 0 then alert() end
return moved
