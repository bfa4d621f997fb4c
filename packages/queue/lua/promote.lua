-- promote: scheduled jobs become ready now, and have their time to start from now on. Rest: ids, at most 100. Answers how many.
-- @reply number
local jobs, scheduled, ready, wake, watchers, deadlines, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local offset, order, channel = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include tell
-- @include rank
-- @include sequence
-- @include deadlines
-- @include wake
local rows = {}
for i = 4, #ARGV do
  rows[i] = redis.call('HGET', jobs, ARGV[i])
  if rows[i] and not optionsOf(rows[i]) then return redis.error_reply('UNREADABLE_ROW ' .. ARGV[i]) end
end
redis.call('ZREM', scheduled, '')
local moved = {}
for i = 4, #ARGV do
  local id, row = ARGV[i], rows[i]
  if row and redis.call('ZREM', scheduled, id) == 1 then
    local startBy = redis.call('ZSCORE', deadlines, id) and rearm(id, now, row)
    redis.call('ZADD', ready, rank(row, advance(1), startBy), id)
    moved[#moved + 1] = id
  end
end
if #moved > 0 then alert() end
tell(moved)
return #moved
