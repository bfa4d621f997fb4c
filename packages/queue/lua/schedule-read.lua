-- schedule-read: schedules by their ids. Called by queue.schedules, and before each change. Rest: ids, at most 100.
-- Answers the time, and for each id its row ('' for none) and its next run ('' for none).
-- @reply [now: string, ...rows: string[]]
local schedules, ticks = KEYS[1], KEYS[2]
local offset = ARGV[1]
-- @include now
-- @include whole
local answer = { whole(now) }
for i = 2, #ARGV do
  answer[#answer + 1] = redis.call('HGET', schedules, ARGV[i]) or ''
  answer[#answer + 1] = redis.call('ZSCORE', ticks, ARGV[i]) or ''
end
return answer
