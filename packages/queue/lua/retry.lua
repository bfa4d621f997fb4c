-- retry: failed or cancelled jobs go back to `ready` with a full new set of attempts; not one whose unique
-- key another job holds, and one that finds it free holds it again (but for a key held for a time, which
-- bounds adds and not runs); the time to start begins again. Rest: ids, at most 100.
-- `lane` and `number` make a copy of the call harmless (see add). Answers how many, or -1 (see numbered).
-- @role operator
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, order, lane, number, renew = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- @include now
-- @include holder
-- @include deadlines
-- @include rank
-- @include ready
-- @include sequence
-- @include wake
redis.call('ZREM', expiry, '')
-- @include numbered
local rows, options = {}, {}
for i = 6, #ARGV do
  rows[i] = redis.call('HGET', jobs, ARGV[i])
  options[i] = rows[i] and optionsOf(rows[i])
  -- It may have a unique key, which another job holds.
  if rows[i] and not options[i] then return redis.error_reply('UNREADABLE_ROW ' .. ARGV[i]) end
end
local claims = { waiting = 'w', unfinished = 'u' }
local moved = 0
for i = 6, #ARGV do
  local id, row = ARGV[i], rows[i]
  local claim = row and options[i].unique
  local during = type(claim) == 'table' and type(claim.key) == 'string' and claims[claim.during]
  local key = during and claim.key
  if row and not (key and holderOf(key)) and redis.call('ZREM', failed, id) + redis.call('ZREM', cancelled, id) > 0 then
    if key then hold(key, during, id) end
    redis.call('ZREM', expiry, 'j:' .. id, 'w:' .. id)
    redis.call('HDEL', state, id)
    redis.call('HDEL', waiters, id)
    makeReady({ rank(row, advance(1), rearm(id, now, row)), id })
    moved = moved + 1
  end
end
local answer = whole(moved)
-- @include remember
if moved > 0 then alert() end
-- @include rest
return moved
