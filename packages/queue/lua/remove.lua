-- remove: forgets jobs that are not active, and tells who waits for them. Rest: ids, at most 100. Answers how many.
-- @reply number
local jobs, scheduled, ready, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local state, expiry, cancels, waiters, watchers = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local channel = ARGV[1]
local removed = 0
for i = 2, #ARGV do
  local id = ARGV[i]
  local found = 0
  for _, key in ipairs({ ready, scheduled, completed, failed, cancelled }) do found = found + redis.call('ZREM', key, id) end
  if found > 0 then
    redis.call('HDEL', jobs, id)
    redis.call('HDEL', state, id)
    redis.call('HDEL', cancels, id)
    redis.call('ZREM', expiry, 'j' .. id, 'w' .. id)
    redis.call('HDEL', watchers, id)
    if redis.call('HDEL', waiters, id) == 1 then redis.call('PUBLISH', channel, 'g' .. id .. '\n') end
    removed = removed + 1
  end
end
return removed
