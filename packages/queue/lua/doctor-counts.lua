-- doctor-counts: how many entries the keys of a shard have, all at one instant: jobs, the seven states,
-- leases (without the field that keeps it a hash table), state rows, cancels, waiters, watchers, unique,
-- schedules, expiry, ticks, deadlines, and what features add. Called by verifyQueue before its first page and
-- after its last.
-- @role doctor
-- @reply number[]
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local leases, state, cancels, waiters, watchers, unique, schedules, expiry, ticks, deadlines = KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18]
local counts = { redis.call('HLEN', jobs) }
for _, key in ipairs({ scheduled, ready, active, blocked, completed, failed, cancelled }) do counts[#counts + 1] = redis.call('ZCARD', key) end
counts[#counts + 1] = redis.call('HLEN', leases) - redis.call('HEXISTS', leases, '')
for _, key in ipairs({ state, cancels, waiters, watchers, unique, schedules }) do counts[#counts + 1] = redis.call('HLEN', key) end
for _, key in ipairs({ expiry, ticks, deadlines }) do counts[#counts + 1] = redis.call('ZCARD', key) end
-- @hook counted
return counts
