-- schedule-page: a page of `schedules`, about `count`, fewer where rows are large. Called by
-- queue.schedules.list, and by verifyQueue, which judges it: only it can tell whether a schedule is over.
-- Answers the cursor, the time, and for each schedule its id, its row and its next run ('' for none).
-- @role scheduler, doctor
-- @reply [cursor: string, now: string, rows: string[]]
local schedules, ticks, meta = KEYS[1], KEYS[2], KEYS[3]
local offset, cursor, count = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
-- @include few
local page = redis.call('HSCAN', schedules, cursor, 'COUNT', few(count))
local fields, rows = page[2], {}
for i = 1, #fields, 2 do
  rows[#rows + 1] = fields[i]
  rows[#rows + 1] = fields[i + 1]
  rows[#rows + 1] = redis.call('ZSCORE', ticks, fields[i]) or ''
end
return { page[1], whole(now), rows }
