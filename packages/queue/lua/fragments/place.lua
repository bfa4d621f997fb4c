-- Gives an added job its place. `sequence` is to be written if something was `placed` in `ready`; what is
-- waited for next is in `earliest`.
-- @needs earliest, makeReady, placed, rank, scheduled, sequence, whole
-- @include rank
-- @include ready
local function place(i, id, row, due)
  local startBy = nil
  -- @hook placing
  if due then
    redis.call('ZADD', scheduled, whole(due), id)
    if earliest == nil or due < earliest then earliest = due end
  else
    sequence = sequence + 1
    makeReady({ rank(row, sequence, startBy), id })
    placed = true
  end
end
