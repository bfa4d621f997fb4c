-- held: which of these active jobs does the worker hold, as the server sees it. Called after a reconnect, in pages of ids, to adopt what a lost answer had taken, and to find
-- out what was lost. Answers for each job the worker holds: id, row, lease, state row ('' for none).
-- @reply string[]
local jobs, leases, state = KEYS[1], KEYS[2], KEYS[3]
local worker = ARGV[1]
local answer = {}
if #ARGV == 1 then return answer end
local ids = {}
for i = 2, #ARGV do ids[i - 1] = ARGV[i] end
local rows = redis.call('HMGET', leases, unpack(ids))
for i, id in ipairs(ids) do
  if rows[i] and string.match(rows[i], '^%d+ (%S+) %-?%d+ %d$') == worker then
    answer[#answer + 1] = id
    answer[#answer + 1] = redis.call('HGET', jobs, id) or ''
    answer[#answer + 1] = rows[i]
    answer[#answer + 1] = redis.call('HGET', state, id) or ''
  end
end
return answer
