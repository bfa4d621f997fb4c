-- Moves what is due to `ready`, oldest due time first. `limit` bounds the step.
-- @needs advance, jobs, now, rank, ready, scheduled, tell, whole
-- @include rank
-- @include sequence
-- @include tell
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
      local id, startBy = due[i], nil
      -- @hook ranked
      entries[#entries + 1] = rank(rows[i], sequence + i, startBy)
      entries[#entries + 1] = id
    else
      local id = due[i]
      bad[#bad + 1] = id
      -- @hook lost
    end
  end
  if #entries > 0 then redis.call('ZADD', ready, unpack(entries)) end
  tell(due)
end
