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
return { redis.call('ZCARD', ready), redis.call('ZCARD', scheduled), redis.call('ZCARD', active), finished('completed'), finished('failed'), finished('cancelled') }
