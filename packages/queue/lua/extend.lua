-- extend: a worker's heartbeat, every second, from its own thread. One row keeps all its leases: recovery
-- moves a lease on while this row holds.
-- Forgets workers that were silent for a minute. Answers the time, whether the worker had been given up (it
-- must check its leases), whether the queue is paused, and the cancels of active jobs (any worker's, about
-- 100 a time: those that are settled make room for others).
-- @role worker
-- @reply [now: string, late: number, paused: number, cancels: string[]]
local workers, worker, cancels, sessions, expiry, readded, unique, leases, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local offset, id, lease, about = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include now
-- @include whole
-- @include lanes
local before = tonumber(redis.call('ZSCORE', workers, id) or 0)
local silent = redis.call('ZRANGEBYSCORE', workers, '-inf', whole(now - @constant:workerMemory), 'LIMIT', 0, 100)
redis.call('ZREM', workers, '', unpack(silent))
if #silent > 0 then
  redis.call('HDEL', worker, unpack(silent))
  local lanes = {}
  for _, name in ipairs(silent) do
    for _, lane in ipairs(lanesOf(name, @constant:workerLanes)) do lanes[#lanes + 1] = lane end
  end
  redis.call('HDEL', sessions, unpack(lanes))
end
redis.call('ZADD', workers, whole(now + lease), id)
if about ~= '' then redis.call('HSET', worker, id, about) end
if before <= now then
-- @include rouse
  -- As open writes it, which may have left the queue at rest.
  redis.call('HSET', leases, '', string.rep('-', 80))
end
local asked = {}
if redis.call('EXISTS', cancels) == 1 then asked = redis.call('HSCAN', cancels, '0', 'COUNT', 100)[2] end
return { whole(now), before <= now and 1 or 0, redis.call('HEXISTS', meta, 'paused'), asked }
