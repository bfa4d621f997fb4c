-- read: jobs as they are now. Called by getters; `id`s at most 500. Answers five values a job: row, state
-- row, state, score, lease; five empty ones for a job that is not there; of fewer jobs than were asked for
-- when rows have more than 8 MB in all.
-- @role producer, waiter, reader, operator
-- @reply string[]
local jobs, scheduled, ready, active, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local blocked, leases, state, expiry, meta = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local offset = ARGV[1]
-- @include now
-- @include visible
local ids = {}
for i = 2, #ARGV do ids[i - 1] = ARGV[i] end
local answer, room = {}, @constant:answerBytes
for i, id in ipairs(ids) do
  local name, score = visible(id)
  local row = name and redis.call('HGET', jobs, id) or ''
  local stateRow = row ~= '' and redis.call('HGET', state, id) or ''
  room = room - #row - #stateRow
  if room < 0 and i > 1 then break end
  local there = row ~= ''
  local at = #answer
  answer[at + 1] = row
  answer[at + 2] = stateRow
  answer[at + 3] = there and name or ''
  answer[at + 4] = there and whole(score) or ''
  answer[at + 5] = there and name == 'active' and redis.call('HGET', leases, id) or ''
end
return answer
