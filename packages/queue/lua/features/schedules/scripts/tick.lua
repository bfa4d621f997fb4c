-- tick: adds the runs of schedules that are due. Called by any worker with what `settle` told it; times come
-- from the worker, who can reckon with calendars, and each run is added once: by whoever finds the schedule
-- as it was told, with the revision and the next run that it knows.
-- Rest: groups of id, revision, the run that was due, the next one ('' when there is none, '!' when the
-- caller cannot read the schedule: others may), what to do when an earlier run has not ended (a all, o one
-- may wait, s skip), how many runs there may be in all ('' no limit), the last of these runs, how many to
-- add, and for each its record as `add` has it. A run in whose stead another job stays was left out, as one
-- that comes too soon. Answers for each schedule how many were added; -1 when somebody else was first.
-- @role worker
-- @reply number[]
local jobs, scheduled, ready, active, completed, failed, cancelled, blocked, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local schedules, ticks, wake, expiry, unique, cancels, waiters, watchers, deadlines, meta = KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19]
local offset, order, channel = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include rank
-- @include wake
-- @include rule
local completedAge, completedCount, failedAge, failedCount = ruleOf(redis.call('HGET', meta, 'retain'))
local keys = { ready = ready, scheduled = scheduled, blocked = blocked }
local sequence = tonumber(redis.call('HGET', meta, 'sequence') or 0)
-- What is no such number, since another client wrote it, counts as the time in seconds: see advance().
if not sequence or not (sequence >= 0 and sequence < @constant:sequenceLimit) then sequence = math.floor(now / 1000) end
local earliest, placed, size, arguments = nil, false, 0, ARGV
-- @hook functions
-- @include place
-- @hook custom
-- @include longest

-- Answers whether the run is a job of its own.
local function add(i)
  local id, row, due = ARGV[i], '1' .. whole(now) .. ARGV[i + 1], tonumber(ARGV[i + 2])
  if #row > size then size = #row end
  if due <= now then due = nil end
  local decided, other = false, nil
  -- @hook run
  if decided then return other == nil end
  redis.call('HSET', jobs, id, row)
  place(i, id, row, due)
  return true
end

-- Earlier runs that have not ended, and whether one of them waits.
local function unfinished(ids)
  local left, waits = {}, false
  for id in string.gmatch(ids, '[^,]+') do
    if redis.call('ZSCORE', active, id) then
      left[#left + 1] = id
    elseif redis.call('ZSCORE', ready, id) or redis.call('ZSCORE', scheduled, id) or redis.call('ZSCORE', blocked, id) then
      left[#left + 1] = id
      waits = true
    end
  end
  return left, waits
end

local answer = {}
local at = 4
while at <= #ARGV do
  local id, revision, due, next, overlap, limit, last = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6]
  local count = tonumber(ARGV[at + 7])
  local row = redis.call('HGET', schedules, id)
  local known, anchor, runs, overlapped, before, ids, spec = string.match(row or '', '^(%d+);0;(%d+);(%d+);(%d+);(%d*);([^\n]*)\n(.*)$')
  if redis.call('ZSCORE', ticks, id) ~= due then
    answer[#answer + 1] = -1
  elseif next == '!' and string.match(row or '', '^%d*') == revision then
    -- What nobody can read for a minute stands aside for one, so that it does not keep others from being
    -- told.
    if now - tonumber(due) >= @constant:unreadRest then redis.call('ZADD', ticks, whole(now + @constant:unreadRest), id) end
    answer[#answer + 1] = 0
  elseif known ~= revision then
    answer[#answer + 1] = -1
  else
    local added, most = 0, tonumber(limit) or math.huge
    runs, overlapped = tonumber(runs), tonumber(overlapped)
    local open, waits = unfinished(ids)
    for i = 0, count - 1 do
      local job = at + 8 + @record * i
      if runs < most then
        local goes = overlap == 'a' or #open == 0 or (overlap == 'o' and not waits)
        if goes and add(job) then
          if overlap == 'a' then open = {} end
          open[#open + 1] = ARGV[job]
          waits = true
          added = added + 1
          runs = runs + 1
        else
          overlapped = overlapped + 1
        end
      end
    end
    if last == '' then last = before end
    row = known .. ';0;' .. anchor .. ';' .. whole(runs) .. ';' .. whole(overlapped) .. ';' .. last .. ';' .. table.concat(open, ',') .. '\n' .. spec
    redis.call('HSET', schedules, id, row)
    if next == '' or runs >= most then redis.call('ZREM', ticks, id) else redis.call('ZADD', ticks, next, id) end
    answer[#answer + 1] = added
  end
  at = at + 8 + @record * count
end
local armed = tonumber(redis.call('HGET', meta, 'armed')) or 0
if placed then redis.call('HSET', meta, 'sequence', whole(sequence)) end
lengthen(size)
if placed or (earliest and (armed < now or earliest < armed)) then alert() end
return answer
