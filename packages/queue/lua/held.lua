-- held: which of these active jobs does the worker hold, as the server sees it. Called after a reconnect, in
-- pages of ids, to adopt what a lost answer had taken, and to find out what was lost. Answers how many of the
-- ids it has looked at, fewer than were given when rows have more than 8 MB in all; and for each job the
-- worker holds: id, row, lease, state row ('' for none).
-- @role worker
-- @reply [looked: number, ...held: string[]]
local jobs, leases, state = KEYS[1], KEYS[2], KEYS[3]
local worker = ARGV[1]
local answer, room = { 0 }, @constant:answerBytes
if #ARGV == 1 then return answer end
local ids = {}
for i = 2, #ARGV do ids[i - 1] = ARGV[i] end
local rows = redis.call('HMGET', leases, unpack(ids))
for i, id in ipairs(ids) do
  if rows[i] and string.match(rows[i], '^%d+ (%S+) %-?%d+ %d$') == worker then
    local row, stateRow = redis.call('HGET', jobs, id) or '', redis.call('HGET', state, id) or ''
    room = room - #row - #stateRow
    if room < 0 and i > 1 then break end
    local at = #answer
    answer[at + 1] = id
    answer[at + 2] = row
    answer[at + 3] = rows[i]
    answer[at + 4] = stateRow
  end
  answer[1] = i
end
return answer
