-- Moves what is due to `ready`, oldest due time first. `limit` bounds the step.
-- @include rank
-- @include sequence
-- @include deadlines
local bad = {}
local function promote(limit)
  local due = redis.call('ZRANGEBYSCORE', scheduled, '-inf', whole(now), 'LIMIT', 0, limit)
  if #due == 0 then return end
  redis.call('ZREM', scheduled, unpack(due))
  local rows = redis.call('HMGET', jobs, unpack(due))
  local sequence = advance(#due) - #due
  local entries = {}
  for i = 1, #due do
    if rows[i] then
      entries[#entries + 1] = rank(rows[i], sequence + i, deadlineOf(due[i]))
      entries[#entries + 1] = due[i]
    else
      bad[#bad + 1] = due[i]
      release(due[i])
    end
  end
  if #entries > 0 then redis.call('ZADD', ready, unpack(entries)) end
  tell(due)
end
