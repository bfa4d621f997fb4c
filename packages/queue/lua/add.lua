-- add: writes a batch of jobs. Called by Queue for the adds of one tick, at most 500 jobs and 1 MiB, with up to four batches (lanes) under way.
-- `lane` and `number` make a re-send safe: a lane has one batch under way, and the shard keeps the last one applied for each lane with its answer.
-- Only a custom id can be there already: generated ids start with '~' and are never made twice; `careful` looks for those too (an add repeated by hand after a timeout).
-- Rest: `immediate` pairs of id and row, then triples of id, row and due time ('+ms' from now, or epoch ms).
-- Answers '<now> <positions of duplicates, with commas>'.
-- @reply string
local jobs, scheduled, ready, wake, meta, sessions, expiry = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local offset, order, lane, number, again, renew, careful, immediate = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
-- @include now
-- @include rank
-- @include wake
if again == '1' then
  local last, answer = string.match(redis.call('HGET', sessions, lane) or '', '^(%d+) (.*)$')
  if last and tonumber(last) >= tonumber(number) then return answer end
end
local prefix = '1' .. whole(now)
local duplicates, seen = {}, {}
local function known(id)
  if string.byte(id) == 126 and careful == '0' then return false end
  if seen[id] or redis.call('HEXISTS', jobs, id) == 1 then return true end
  seen[id] = true
  return false
end

local rows, readyEntries, laterEntries, earliest = {}, {}, {}, nil
local last = 8 + 2 * immediate
local sequence = tonumber(redis.call('HGET', meta, 'sequence') or 0)
local position = 0
for i = 9, last, 2 do
  local id = ARGV[i]
  position = position + 1
  if known(id) then
    duplicates[#duplicates + 1] = position
  else
    local row = prefix .. ARGV[i + 1]
    sequence = sequence + 1
    rows[#rows + 1] = id
    rows[#rows + 1] = row
    readyEntries[#readyEntries + 1] = rank(row, sequence)
    readyEntries[#readyEntries + 1] = id
  end
end
for i = last + 1, #ARGV, 3 do
  local id, due = ARGV[i], ARGV[i + 2]
  position = position + 1
  if known(id) then
    duplicates[#duplicates + 1] = position
  else
    if string.byte(due) == 43 then due = now + tonumber(string.sub(due, 2)) else due = tonumber(due) end
    if earliest == nil or due < earliest then earliest = due end
    rows[#rows + 1] = id
    rows[#rows + 1] = prefix .. ARGV[i + 1]
    laterEntries[#laterEntries + 1] = whole(due)
    laterEntries[#laterEntries + 1] = id
  end
end
local answer = whole(now) .. ' ' .. table.concat(duplicates, ',')
if #rows > 0 then redis.call('HSET', jobs, unpack(rows)) end
if #readyEntries > 0 then
  redis.call('ZADD', ready, unpack(readyEntries))
  redis.call('HSET', meta, 'sequence', whole(sequence))
end
if #laterEntries > 0 then redis.call('ZADD', scheduled, unpack(laterEntries)) end
redis.call('HSET', sessions, lane, number .. ' ' .. answer)
if renew ~= '' then redis.call('ZADD', expiry, whole(now + 600000), renew) end
if #readyEntries > 0 then
  alert()
elseif earliest then
  local armed = tonumber(redis.call('HGET', meta, 'armed') or 0)
  if armed < now or earliest < armed then alert() end
end
return answer
