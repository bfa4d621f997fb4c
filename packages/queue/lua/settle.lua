-- settle: the worker's one call. Finishes a batch, ends what has not started in time, as the variant `tidy`
-- recovers expired leases and applies retention (once a second, and when a timer fires), moves what is due,
-- and takes the next jobs. Called by Worker as often as there is something to report or to fetch, at most two
-- lanes under way. A copy of a call that was applied (see add) answers without jobs: the worker then asks
-- which leases it holds.
-- Rest, if anything is reported: at most 500 ids, as one JSON text, which costs the client less than as many
-- arguments; then, in their order, each verdict and for how many it is. A verdict is 16 digits of fence, a
-- letter, its values:
--   c|f|x keep;row   completed, failed, cancelled      r delay;row   again after delay ms      b score   back to its place, untouched
-- Answers: the time; when to look again ('' when another worker keeps watch); positions whose lease was lost,
-- and after a semicolon those that a cancel overruled; paused; ids that stalled; ids without a row; what
-- features report, each its name and a list; the fence; segments 'count score' of the jobs taken; their ids
-- as JSON ('' for none), which costs the client a third of as many strings; their rows (null for none); pairs
-- of position and state row for those that have one.
-- @compose
-- @role worker
-- @reply [now: string, next: string, refused: string, paused: number, stalled: string[], bad: string[], reports: (string | string[])[], fence: string, segments: string[], ids: string, rows: (string | null)[], states: (number | string)[]]
local jobs, scheduled, ready, active, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local leases, state, expiry, wake, cancels, waiters, watchers, sessions, meta = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16]
local offset, order, worker, lane, number, lease, want, suspectAt, channel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
-- @include now
want = tonumber(want)
local retain, paused, lastFence, keeper, keeperUntil, armed, endedAt, longRow, features =
  unpack(redis.call('HMGET', meta, 'retain', 'paused', 'fence', 'keeper', 'keeperUntil', 'armed', 'ended', 'longest', 'features'))
if (features or '') ~= '@features' then return redis.error_reply('OTHER_FEATURES ' .. (features or '')) end
local lastEnd = tonumber(endedAt) or 0
-- No time, since another client wrote it, or of a clock that was ahead and has been set back.
if not (lastEnd < microseconds + @constant:clockLead) then lastEnd = 0 end
longRow = tonumber(longRow)
if not (longRow and longRow > @constant:longRow) then longRow = nil end
-- How many bytes of rows the answer may have.
local room = @constant:answerBytes
-- Whether jobs may end in this call: functions are made where they are needed, since to make them takes a
-- third of a call that only takes.
local ending = #ARGV > 9
-- @hook functions
-- @hook begin
-- @include wake
-- @include take
-- @include watch

-- The first write is a removal: with memory full the server refuses a script that begins by adding.
redis.call('ZREM', active, '')
local applied, before = string.match(redis.call('HGET', sessions, lane) or '', '^(%d+) (.*)$')
if applied and tonumber(applied) >= tonumber(number) then
  return { whole(now), whole(now), before, paused and 1 or 0, {}, {}, {}, '', {}, '', {}, {} }
end

local refused, judged, reports, late, lost, bad = ';', 0, {}, false, {}, {}
if ending then
-- @include rule
local completedAge, completedCount, failedAge, failedCount = ruleOf(retain)
-- @include finish
refused = finish()
-- @hook overdue
-- @hook tidy
end
-- @include promote
local segments, ids, rows, states, fence, taken = take(late)
if taken == 0 and lastEnd > (tonumber(endedAt) or 0) then redis.call('HSET', meta, 'ended', whole(lastEnd)) end
redis.call('HSET', sessions, lane, number .. ' ' .. refused)
return { whole(now), watch(taken, judged), refused, paused and 1 or 0, lost, bad, reports, fence, segments, ids, rows, states }
