-- A lane has one call under way, and remembers the last one that changed something: its number and its answer. A call that is sent again is answered from here, and a late copy of
-- an earlier one changes nothing.
local function previous()
  local record = redis.call('GET', lane)
  if not record then return -1, '' end
  local space = string.find(record, ' ', 1, true)
  return tonumber(string.sub(record, 1, space - 1)), string.sub(record, space + 1)
end
local function remember(answer)
  redis.call('SET', lane, number .. ' ' .. answer, 'PX', keep)
end
