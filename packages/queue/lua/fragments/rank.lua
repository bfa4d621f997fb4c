-- The score of a job that becomes ready now: priority first, then by the order of the queue: fifo by arrival; lifo by its complement; deadline by the time until which it may start, and
-- after all those by arrival; scorer by the number that its row has had since the add.
-- A row is version byte, 13 digits of time, ':', priority, ',' and that number in a queue with a scorer, ':' …; priority 0 needs no parsing,
-- and a row that can not be read counts as 0: the worker that takes it sets it aside.
-- @include whole
local band = 4398046511104
-- Jobs without a deadline stand from here on (as a time it is in the year 2074).
local noDeadline = 3298534883328
local function rank(row, sequence, startBy)
  local tag = sequence
  if order == 'lifo' then
    tag = band - 1 - sequence
  elseif order == 'deadline' then
    tag = startBy and math.min(startBy, noDeadline - 1) or noDeadline + sequence
  end
  if string.sub(row, 15, 17) == ':0:' then return whole(tag) end
  local priority, number = string.match(row, '^:(%-?%d+),?(%d*):', 15)
  priority = math.max(-1024, math.min(tonumber(priority or 0), 1023))
  return whole(priority * band + math.min(tonumber(number) or tag, band - 1))
end
