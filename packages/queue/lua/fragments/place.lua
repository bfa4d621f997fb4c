-- Gives an added job its place. `sequence` is to be written if something was `placed` in `ready`; what is waited for next is in `earliest`.
-- @needs earliest, placed, rank, ready, scheduled, sequence, whole
-- @include rank
local function place(i, id, row, due)
  local startBy = nil
  -- @hook placing
  if due then
    redis.call('ZADD', scheduled, whole(due), id)
    if earliest == nil or due < earliest then earliest = due end
  else
    sequence = sequence + 1
    redis.call('ZADD', ready, rank(row, sequence, startBy), id)
    placed = true
  end
end
