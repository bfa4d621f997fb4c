-- Moves what is due to `ready`, oldest due time first. At most 100, or twice as many as are wanted. Ids
-- without a row go to `bad`.
-- @needs advance, bad, jobs, makeReady, now, rank, scheduled, tell, want, whole
local most = '100'
if want > 50 then most = whole(2 * want) end
local due = redis.call('ZRANGEBYSCORE', scheduled, '-inf', whole(now), 'LIMIT', 0, most)
if #due > 0 then
  redis.call('ZREM', scheduled, unpack(due))
  local rows = redis.call('HMGET', jobs, unpack(due))
  local sequence = advance(#due) - #due
  local entries = {}
  for i = 1, #due do
    local id = due[i]
    if rows[i] then
      local startBy = nil
      -- @hook ranked
      entries[#entries + 1] = rank(rows[i], sequence + i, startBy)
      entries[#entries + 1] = id
    else
      bad[#bad + 1] = id
      -- @hook lost
    end
  end
  if #entries > 0 then makeReady(entries) end
  tell(due)
end
