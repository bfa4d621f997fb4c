-- The score of a job that becomes ready now: priority first, then the order of arrival (lifo: its complement).
-- A row is version byte, 13 digits of time, ':', priority, ':' …; priority 0 needs no parsing.
-- @include whole
local band = 4398046511104
local function rank(row, sequence)
  local tag = sequence
  if order == 'lifo' then tag = band - 1 - sequence end
  if string.sub(row, 15, 17) == ':0:' then return whole(tag) end
  return whole(tonumber(string.match(row, '^:(%-?%d+):', 15)) * band + tag)
end
