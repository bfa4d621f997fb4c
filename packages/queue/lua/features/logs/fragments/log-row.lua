-- The row of a job in `logs`, see log: the number of its last line, how many it has, the fence and the number
-- in its attempt of the last, and where the first one begins. Nothing for a row that cannot be true: another
-- client has written it.
local function logRow(row)
  local last, lines, fence, reached, start = string.match(row, '^(%d+) (%d+) (%d+) (%d+)\n()')
  last, lines, reached = tonumber(last), tonumber(lines), tonumber(reached)
  if not last or #row >= @constant:longestLogRow then return nil end
  if lines < 1 or lines > @constant:logLines or lines > last or reached > last or last > 9e15 then return nil end
  local at, found = start - 1, 0
  while at and found <= lines do
    at, found = string.find(row, '\n', at + 1, true), found + 1
  end
  if at or found ~= lines then return nil end
  return last, lines, fence, reached, start
end
