-- add: writes a batch of jobs. Called by Queue for the adds of one tick, at most 500 jobs and 1 MiB, with up to four batches (lanes) under way.
-- `lane` and `number` make a re-send safe, and a copy that comes late: a lane has one batch under way, and the shard keeps the last one applied for each lane with its answer.
-- Only an id that was given can be there already (`named`: the batch has one): generated ids are never made twice.
-- Rest: `plain` pairs of id and row, of jobs that are ready now with priority 0; then triples of id, row and due time ('' now, '+ms' from now, or epoch ms).
-- Answers '<now> <positions of duplicates, with commas>'.
-- @reply string
local jobs, scheduled, ready, active, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local state, wake, meta, sessions, expiry = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local offset, order, lane, number, renew, named, plain = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
-- @include now
-- @include rank
-- @include consecutive
-- @include wake
-- @include visible
local applied, before = string.match(redis.call('HGET', sessions, lane) or '', '^(%d+) (.*)$')
if applied and tonumber(applied) >= tonumber(number) then return before end
local head = '1' .. whole(now)
local arguments, count = ARGV, #ARGV
local last = 7 + 2 * plain
local duplicates, seen = {}, {}
local rows, entries, later, size, earliest = {}, {}, {}, 0, nil
local sequence = tonumber(redis.call('HGET', meta, 'sequence') or 0)

-- Whether a job is there already; notes its position. One whose retention has ended is forgotten here and now.
local function known(id, position)
  if not seen[id] and redis.call('HEXISTS', jobs, id) == 1 and not visible(id) then forget(id) end
  if seen[id] or redis.call('HEXISTS', jobs, id) == 1 then
    duplicates[#duplicates + 1] = position
    return true
  end
  seen[id] = true
  return false
end

for i = 8, last, 2 do
  local id = arguments[i]
  if named == '0' or not known(id, (i - 6) / 2) then
    sequence = sequence + 1
    rows[size + 1] = id
    rows[size + 2] = head .. arguments[i + 1]
    entries[size + 1] = consecutive(order == 'lifo' and band - 1 - sequence or sequence)
    entries[size + 2] = id
    size = size + 2
  end
end
for i = last + 1, count, 3 do
  local id, due = arguments[i], arguments[i + 2]
  if named == '0' or not known(id, plain + (i - last + 2) / 3) then
    local row = head .. arguments[i + 1]
    rows[#rows + 1] = id
    rows[#rows + 1] = row
    if due == '' then
      sequence = sequence + 1
      entries[#entries + 1] = rank(row, sequence)
      entries[#entries + 1] = id
    else
      if string.byte(due) == 43 then due = now + tonumber(string.sub(due, 2)) else due = tonumber(due) end
      if earliest == nil or due < earliest then earliest = due end
      later[#later + 1] = whole(due)
      later[#later + 1] = id
    end
  end
end
local answer = whole(now) .. ' ' .. table.concat(duplicates, ',')
if #rows > 0 then redis.call('HSET', jobs, unpack(rows)) end
if #entries > 0 then
  redis.call('ZADD', ready, unpack(entries))
  redis.call('HSET', meta, 'sequence', whole(sequence))
end
if #later > 0 then redis.call('ZADD', scheduled, unpack(later)) end
redis.call('HSET', sessions, lane, number .. ' ' .. answer)
if renew ~= '' then redis.call('ZADD', expiry, whole(now + 600000), renew) end
if #entries > 0 then
  alert()
elseif earliest then
  local armed = tonumber(redis.call('HGET', meta, 'armed') or 0)
  if armed < now or earliest < armed then alert() end
end
return answer
