-- The score of a job that becomes ready now: priority first, then the order of arrival (lifo: its complement).
-- A row is version byte, 13 digits of time, ':', priority, ':' …; priority 0 needs no parsing,
-- and a row that can not be read counts as 0: the worker that takes it sets it aside.
-- @include whole
local band = 4398046511104
local function rank(row, sequence)
  local tag = sequence
  if order == 'lifo' then tag = band - 1 - sequence end
  if string.sub(row, 15, 17) == ':0:' then return whole(tag) end
  return whole(tonumber(string.match(row, '^:(%-?%d+):', 15) or 0) * band + tag)
end
