-- counts: how many jobs are in each state, without those whose retention has ended. Answers ready, scheduled,
-- active, blocked, completed, failed, cancelled.
-- @role reader, operator
-- @reply number[]
local jobs, scheduled, ready, active, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local blocked, state, expiry, meta = KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local offset = ARGV[1]
-- @include now
-- @include visible
local function finished(name)
  local from = '-inf'
  if ages[name] >= 0 then from = whole((now - ages[name] + 1) * 1000) end
  return redis.call('ZCOUNT', keys[name], from, '+inf')
end
local ended = { completed = finished('completed'), failed = finished('failed'), cancelled = finished('cancelled') }
-- Retentions of their own that are over, and that no sweep has met yet.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', expiry, '-inf', whole(now), 'LIMIT', 0, 1000)) do
  local mark, id = string.match(member, '^(%l+):(.*)$')
  if (mark == 'j' or mark == 'w') and not visible(id) then
    for name in pairs(ages) do
      if redis.call('ZSCORE', keys[name], id) then ended[name] = ended[name] - 1 end
    end
  end
end
local unended = {}
for i, key in ipairs({ ready, scheduled, active, blocked }) do unended[i] = redis.call('ZCARD', key) end
return { unended[1], unended[2], unended[3], unended[4], ended.completed, ended.failed, ended.cancelled }
