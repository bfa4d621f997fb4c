-- read: jobs as they are now. Called by getters; `id`s at most 500. Answers five values a job: row, state row, state, score, lease; five empty ones for a job that is not there.
-- @reply string[]
local jobs, scheduled, ready, active, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local blocked, leases, state, expiry, meta = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local offset = ARGV[1]
-- @include now
-- @include visible
local ids = {}
for i = 2, #ARGV do ids[i - 1] = ARGV[i] end
local rows = redis.call('HMGET', jobs, unpack(ids))
local states = redis.call('HMGET', state, unpack(ids))
local answer = {}
for i, id in ipairs(ids) do
  local name, score = visible(id)
  local there = name and rows[i]
  local at = #answer
  answer[at + 1] = there and rows[i] or ''
  answer[at + 2] = there and states[i] or ''
  answer[at + 3] = there and name or ''
  answer[at + 4] = there and whole(score) or ''
  answer[at + 5] = there and name == 'active' and redis.call('HGET', leases, id) or ''
end
return answer
