-- promote: scheduled jobs become ready now, and have their time to start from now on. Rest: ids, at most 100.
-- `lane` and `number` make a copy of the call harmless (see add). Answers how many, or -1 (see numbered).
-- @role operator
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, order, lane, number, renew, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
-- @include now
-- @include tell
-- @include rank
-- @include ready
-- @include sequence
-- @include deadlines
-- @include wake
redis.call('ZREM', scheduled, '')
-- @include numbered
local rows = {}
for i = 7, #ARGV do
  rows[i] = redis.call('HGET', jobs, ARGV[i])
  if rows[i] and not optionsOf(rows[i]) then return redis.error_reply('UNREADABLE_ROW ' .. ARGV[i]) end
end
local moved = {}
for i = 7, #ARGV do
  local id, row = ARGV[i], rows[i]
  if row and redis.call('ZREM', scheduled, id) == 1 then
    local startBy = redis.call('ZSCORE', deadlines, id) and rearm(id, now, row)
    makeReady({ rank(row, advance(1), startBy), id })
    moved[#moved + 1] = id
  end
end
local answer = whole(#moved)
-- @include remember
if #moved > 0 then alert() end
tell(moved)
-- @include rest
return #moved
