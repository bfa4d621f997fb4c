-- The score of a job that becomes ready now: priority first, then by the order of the queue: fifo by arrival;
-- lifo by its complement; deadline by the time until which it may start (startBy); scorer by the number that
-- its row has had since the add.
-- A row is version byte, 13 digits of time, ':', priority, ',' and that number in a queue with a scorer, ':'
-- …; priority 0 needs no parsing, and a row that cannot be read counts as 0: the worker that takes it sets it
-- aside.
-- @needs order, whole
-- @include whole
-- @hook ranking
local function rank(row, sequence, startBy)
  local tag = sequence
  if order == 'lifo' then
    tag = @constant:priorityBand - 1 - sequence
  end
  -- @hook tagged
  if string.sub(row, 15, 17) == ':0:' then return whole(tag) end
  local priority, number = string.match(row, '^:(%-?%d+),?(%d*):', 15)
  priority = math.max(@constant:leastPriority, math.min(tonumber(priority or 0), @constant:mostPriority))
  return whole(priority * @constant:priorityBand + math.min(tonumber(number) or tag, @constant:priorityBand - 1))
end
