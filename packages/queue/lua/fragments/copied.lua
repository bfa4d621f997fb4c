-- Whether this call was applied before, with the answer that it got. The lane is written anew all the same:
-- WAIT counts from the last write of its connection, and the first one was on another. After a removal, if a
-- needless one, it passes when the memory is full; the row itself is not removed, since with the last row the
-- key would lose the time it has to live.
-- @needs lane, number, sessions
local function copied()
  local row = redis.call('HGET', sessions, lane)
  local applied, before = string.match(row or '', '^(%d+) (.*)$')
  if not applied or tonumber(applied) < tonumber(number) then return nil end
  redis.call('HDEL', sessions, '')
  redis.call('HSET', sessions, lane, row)
  return before
end
