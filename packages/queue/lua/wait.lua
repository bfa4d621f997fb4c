-- wait: asks to be told when a job ends; until then retention spares it. Called by job.wait() once it listens, and again after a reconnect and every few seconds.
-- Answers the state (completed, failed, cancelled, gone, or waiting) and the state row.
-- @reply [state: string, row: string]
local jobs, completed, failed, cancelled, state, waiters = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local offset, id, duration = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
for name, key in pairs({ completed = completed, failed = failed, cancelled = cancelled }) do
  if redis.call('ZSCORE', key, id) then return { name, redis.call('HGET', state, id) or '' } end
end
if redis.call('HEXISTS', jobs, id) == 0 then return { 'gone', '' } end
redis.call('HDEL', waiters, '')
redis.call('HSET', waiters, id, whole(math.max(now + duration, tonumber(redis.call('HGET', waiters, id) or 0))))
return { 'waiting', '' }
