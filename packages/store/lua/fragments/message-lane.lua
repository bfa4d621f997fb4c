-- A lane has one call under way, and remembers the last one that changed something: its number and its
-- answer. A call that is sent again is answered from here, and a late copy of an earlier one changes nothing.
-- @needs keep, lane, number
local function previous()
  local record = redis.call('GET', lane)
  local last, answer = string.match(record or '', '^(%d+) (.*)$')
  return tonumber(last or -1), answer or ''
end
local function remember(answer)
  redis.call('SET', lane, number .. ' ' .. answer, 'PX', keep)
end
