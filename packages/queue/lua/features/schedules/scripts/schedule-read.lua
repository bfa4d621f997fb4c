-- schedule-read: schedules by their ids. Called by queue.schedules, and before each change. Rest: ids, at
-- most 100.
-- Answers the time, how many schedules were ever removed, and for each id its row ('' for none) and its next
-- run ('' for none). The revision of a schedule that is not there is '-' and the number of those removed.
-- @role scheduler
-- @reply [now: string, removals: string, ...rows: string[]]
local schedules, ticks, meta = KEYS[1], KEYS[2], KEYS[3]
local offset = ARGV[1]
-- @include now
-- @include whole
local answer = { whole(now), redis.call('HGET', meta, 'removals') or '0' }
for i = 2, #ARGV do
  answer[#answer + 1] = redis.call('HGET', schedules, ARGV[i]) or ''
  answer[#answer + 1] = redis.call('ZSCORE', ticks, ARGV[i]) or ''
end
return answer
