-- schedule-put: writes a schedule that nobody has changed since it was read. Called by queue.schedules.
-- A row is 'revision;paused;anchor;runs;overlapped;last run;ids' and, after a line end, what was asked for as
-- JSON. `revision` and `due`, its next run, are those that were read (see schedule-read); runs and what else
-- has happened stay. `next` is '' when there is no further run. Answers 0 when somebody has changed or ticked
-- the schedule meanwhile, -1 when nobody has opened the queue: it has ended, with its settings, and who puts
-- the schedule opens it again.
-- @role scheduler, doctor
-- @reply number
local schedules, ticks, wake, sessions, expiry, readded, unique, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local offset, id, revision, due, paused, anchor, next, features, spec = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
-- @include now
-- @include whole
-- @include wake
-- @include longest
-- @include join-features
redis.call('ZREM', ticks, '')
if redis.call('HEXISTS', meta, 'layout') == 0 then return -1 end
local row = redis.call('HGET', schedules, id)
local known, history = string.match(row or '', '^(%d+);%d;%d+;([^\n]*)')
-- A copy of the call that comes late must not bring back what was removed.
if not row then known = '-' .. (redis.call('HGET', meta, 'removals') or '0') end
if known ~= revision or (redis.call('ZSCORE', ticks, id) or '') ~= due then return 0 end
-- A new one begins where no other one of this id has come to: who was told of that other one cannot take it
-- for this one.
local following = row and known + 1 or now
redis.call('HSET', schedules, id, whole(following) .. ';' .. paused .. ';' .. anchor .. ';' .. (history or '0;0;;') .. '\n' .. spec)
lengthen(#spec)
joinFeatures(redis.call('HGET', meta, 'features'), features)
-- @include rouse
if next == '' then
  redis.call('ZREM', ticks, id)
  return 1
end
redis.call('ZADD', ticks, next, id)
local armed = tonumber(redis.call('HGET', meta, 'armed')) or 0
if armed < now or tonumber(next) < armed then alert() end
return 1
