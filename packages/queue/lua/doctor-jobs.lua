-- doctor-jobs: judges a page of the jobs that have a row, as they are at this instant: each is in exactly one
-- state, at a score that the state allows, and an active one has a lease. Called by verifyQueue from cursor
-- '0' on until it is '0' again; `count` is about how many. With `repair` '1' it mends what can be mended, in
-- the same step.
-- Of several states a job keeps: active, while it has a lease (a worker runs it, and will settle it); then
-- scheduled before ready (never early), before blocked; each before an end (at least once: it would have run
-- anyway, and the retention of the end would have taken its row away); of several ends the latest.
-- Answers the cursor, pairs of id and row, and the findings in fours: invariant, id, detail, 1 when repaired.
-- @role doctor
-- @reply [cursor: string, rows: string[], findings: (string | number)[]]
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local leases, expiry, wake, unique, deadlines, meta = KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local offset, order, repair, cursor, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- @include now
-- @include active
-- @include rank
-- @include ready
-- @include sequence
-- @include wake
-- @include holder
-- @include few
-- @include deadlines
local keys = { scheduled = scheduled, ready = ready, active = active, blocked = blocked, completed = completed, failed = failed, cancelled = cancelled }
local ends = { completed = true, failed = true, cancelled = true }
local findings = {}
local function report(invariant, id, detail, mended)
  local at = #findings
  findings[at + 1] = invariant
  findings[at + 2] = id
  findings[at + 3] = detail
  findings[at + 4] = mended and 1 or 0
end

-- To the place that it would have, had it become ready now.
local function enqueue(id, row)
  makeReady({ rank(row, advance(1), deadlineOf(id)), id })
  alert()
end

-- Times are below 2^44, in ms, those of ends below twice the band, in µs; ready jobs stand in the band of
-- their priority.
local function misplaced(name, score, row)
  if name == 'ready' then return math.floor(score / @constant:priorityBand) ~= math.max(@constant:leastPriority, math.min(tonumber(string.match(row, '^:(%-?%d+)[:,]', 15) or 0), @constant:mostPriority)) end
  return score < 0 or score >= (ends[name] and 2 * @constant:ownRetentionBand or @constant:timeLimit)
end

-- A blocked job waits for another one of its key, which has to end.
local function waitsForNobody(id)
  local key = redis.call('HGET', unique, 'i' .. id)
  if not key or redis.call('HGET', unique, 'b' .. key) ~= id then return true end
  local _, held = holderOf(key)
  return held ~= 'u'
end

local function endedAt(score)
  return score >= @constant:ownRetentionBand and score - @constant:ownRetentionBand or score
end

local function judge(id, row)
  local mend = repair == '1'
  local lease = redis.call('HGET', leases, id)
  local held = lease and string.find(lease, '^%d+ %S+ %-?%d+ %d$')
  local states, scores, kept = {}, {}, nil
  for _, name in ipairs({ 'active', 'scheduled', 'ready', 'blocked', 'completed', 'failed', 'cancelled' }) do
    local score = tonumber(redis.call('ZSCORE', keys[name], id) or nil)
    if score then
      states[#states + 1] = name
      scores[name] = score
      local better = not kept or (ends[kept] and endedAt(score) > endedAt(scores[kept]))
      if better and (name ~= 'active' or held) then kept = name end
    end
  end
  if #states == 0 then report('one-state', id, 'is in no state', mend) end
  if #states > 1 then
    report('one-state', id, 'is in ' .. table.concat(states, ' and '), mend)
    for _, name in ipairs(states) do
      if mend and name ~= kept then redis.call('ZREM', keys[name], id) end
    end
  end
  if scores.active and not held then
    report('lease', id, lease and 'is active with a lease that cannot be read' or 'is active without a lease', mend)
    if mend then leaveActive({ id }) end
  end
  if mend and not kept then
    -- The worker with its lease goes on with it. Recovery finds out whether that worker lives.
    if held then redis.call('ZADD', active, whole(now), id) else enqueue(id, row) end
  end
  if not kept then return end
  local score = scores[kept]
  if misplaced(kept, score, row) then
    local placed = mend and (kept == 'ready' or kept == 'active')
    report('score', id, 'is ' .. kept .. ' at the score ' .. whole(score), placed)
    if placed and kept == 'ready' then enqueue(id, row) end
    -- Recovery judges the lease anew.
    if placed and kept == 'active' then redis.call('ZADD', active, whole(now), id) end
  elseif kept == 'blocked' and waitsForNobody(id) then
    report('unique', id, 'is blocked, and no job of its key is unfinished', mend)
    if mend then
      redis.call('ZREM', blocked, id)
      redis.call('ZADD', scheduled, whole(score), id)
      alert()
    end
  elseif ends[kept] and score >= @constant:ownRetentionBand and not redis.call('ZSCORE', expiry, 'j:' .. id) and not redis.call('ZSCORE', expiry, 'w:' .. id) then
    report('expiry', id, 'is kept beyond the rule of the queue, and nothing ends that', false)
  end
  if not ends[kept] and string.find(row, '"expiresIn":', 1, true) and deadlineFrom(now, tonumber((optionsOf(row) or {}).expiresIn)) and not redis.call('ZSCORE', deadlines, id) then
    report('deadline', id, 'may start at any time, and has an expiresIn', mend)
    -- One of an active job is set right when `deadlines` is looked through.
    if mend then rearm(id, now, row) end
  end
end

redis.call('ZREM', active, '')
local page = redis.call('HSCAN', jobs, cursor, 'COUNT', few(count))
local rows = page[2]
for i = 1, #rows, 2 do judge(rows[i], rows[i + 1]) end
return { page[1], rows, findings }
