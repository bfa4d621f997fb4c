-- endpoint-set: stores a value, if the lock lets `key` pass ('*' passes), and publishes the alert that goes
-- with it, all or nothing. `value` '' stores nothing, `alert` '' publishes nothing; an alert is JSON that
-- lacks its time and its end. Answers the return code. A copy of a call that was applied (`id`) changes
-- nothing.
-- @role steered worker, endpoints
-- @reply number
local values, locks, applied = KEYS[1], KEYS[2], KEYS[3]
local offset, id, endpoint, key, value, channel, alert = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
-- @include hint
-- @include now
-- @include whole
-- @include endpoint-refusal
-- @include endpoint-once
if known then return 0 end
local code = 0
if key ~= '*' then code = refusal(redis.call('HGET', locks, endpoint)) end
if code ~= 0 then return code end
redis.call('ZADD', applied, whole(now), id)
if value ~= '' then redis.call('HSET', values, endpoint, value) end
if alert ~= '' then hint(channel, alert .. whole(now) .. '}') end
return 0
