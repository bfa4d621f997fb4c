-- schedule-put: writes a schedule that nobody has changed since it was read. Called by queue.schedules.
-- A row is 'revision;paused;anchor;runs;overlapped;last run;ids' and, after a line end, what was asked for as JSON. `revision` is the one that was read, '' for none; runs and what else has
-- happened stay. `next` is '' when there is no further run. Answers 0 when somebody else has changed the schedule meanwhile.
-- @reply number
local schedules, ticks, wake, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local offset, id, revision, paused, anchor, next, spec = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
-- @include now
-- @include whole
-- @include wake
redis.call('ZREM', ticks, '')
local row = redis.call('HGET', schedules, id)
local known, history = string.match(row or '', '^(%d+);%d;%d+;([^\n]*)')
if (known or '') ~= revision then return 0 end
redis.call('HSET', schedules, id, whole((known or 0) + 1) .. ';' .. paused .. ';' .. anchor .. ';' .. (history or '0;0;;') .. '\n' .. spec)
if next == '' then
  redis.call('ZREM', ticks, id)
  return 1
end
redis.call('ZADD', ticks, next, id)
local armed = tonumber(redis.call('HGET', meta, 'armed') or 0)
if armed < now or tonumber(next) < armed then alert() end
return 1
