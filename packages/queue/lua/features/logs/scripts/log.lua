-- log: lines that handlers have logged go to the rows of their jobs. Called by Worker at most ten times a
-- second, and before it settles jobs whose lines are not all stored yet.
-- Rest: for each job, at most 100: id, fence, the number that the first of these lines has in its attempt,
-- how many they are, and the lines, with line ends between. They come again until they were answered for, so
-- what is there already is left out. A gap before them stands for lines that were too many to be kept.
-- A row of `logs` is '<number of the last line> <how many> <fence> <number in its attempt>' and the lines,
-- each after a line end: at most 1,000 and 64 KiB. The oldest go first.
-- Answers for each job whether they were kept: 0 when the lease is lost.
-- @role worker
-- @reply number[]
local leases, logs, meta = KEYS[1], KEYS[2], KEYS[3]
-- @include whole
-- @include log-row
-- @include join-features
redis.call('HDEL', logs, '')

local function write(id, fence, first, count, new)
  -- Another client may have written more, and what is not true: such a row is written anew.
  local row = redis.call('HSTRLEN', logs, id) < @constant:longestLogRow and redis.call('HGET', logs, id) or ''
  local last, lines, owner, reached, start = logRow(row)
  local text = ''
  if last then text = string.sub(row, start) end
  last, lines, reached = last or 0, lines or 0, owner == fence and reached or 0
  local through, known = first + count - 1, reached + 1 - first
  if through <= reached then return end
  local from = 1
  for _ = 1, known do from = (string.find(new, '\n', from, true) or 0) + 1 end
  if known > 0 then new, count = string.sub(new, from), count - known end
  if known < 0 then lines, text = 0, '' end
  if text ~= '' then new = text .. '\n' .. new end
  lines = lines + count
  from = 1
  while lines > @constant:logLines or #new - from >= @constant:logBytes do
    local stop = string.find(new, '\n', from, true)
    if not stop then break end
    from = stop + 1
    lines = lines - 1
  end
  local head = whole(last + through - reached) .. ' ' .. whole(lines) .. ' ' .. fence .. ' ' .. whole(through)
  redis.call('HSET', logs, id, head .. '\n' .. string.sub(new, from))
end

local kept, some = {}, false
for i = 1, #ARGV, 5 do
  local id, fence = ARGV[i], ARGV[i + 1]
  local lease = redis.call('HGET', leases, id)
  local holds = lease and string.sub(lease, 1, 16) == fence
  kept[#kept + 1] = holds and 1 or 0
  if holds then
    write(id, fence, tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), ARGV[i + 4])
    some = true
  end
end
if some then joinFeatures(redis.call('HGET', meta, 'features'), 'logs') end
return kept
