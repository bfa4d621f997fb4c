-- schedule-remove: forgets a schedule; what it has added stays. Answers how many: 0 or 1.
-- @reply number
local schedules, ticks = KEYS[1], KEYS[2]
local id = ARGV[1]
redis.call('ZREM', ticks, id)
return redis.call('HDEL', schedules, id)
