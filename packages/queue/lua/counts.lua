-- counts: how many jobs are in each state, without those whose retention has ended. Answers ready, scheduled, active, completed, failed, cancelled.
-- @reply number[]
local jobs, scheduled, ready, active, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local state, expiry, meta = KEYS[8], KEYS[9], KEYS[10]
local offset = ARGV[1]
-- @include now
-- @include visible
local function finished(name)
  local from = '-inf'
  if ages[name] >= 0 then from = '(' .. whole(now - ages[name]) end
  return redis.call('ZCOUNT', keys[name], from, '+inf')
end
local ended = { completed = finished('completed'), failed = finished('failed'), cancelled = finished('cancelled') }
-- Retentions of their own that are over, and that no sweep has met yet.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', expiry, '-inf', whole(now), 'LIMIT', 0, 1000)) do
  local id = string.sub(member, 2)
  if string.sub(member, 1, 1) ~= 's' and not visible(id) then
    for name in pairs(ages) do
      if redis.call('ZSCORE', keys[name], id) then ended[name] = ended[name] - 1 end
    end
  end
end
return { redis.call('ZCARD', ready), redis.call('ZCARD', scheduled), redis.call('ZCARD', active), ended.completed, ended.failed, ended.cancelled }
