-- Unique keys. Rows of `unique`: 'k' + key → '<during> <id>', the job that holds the key: 'w' while it waits,
-- 'u' until it has ended, or until a time in ms, whatever becomes of it; 'b' + key → the job that is blocked
-- behind it; 'i' + id → key, of jobs with a key until they end, blocked ones too.
-- A row of a holder is looked at together with its job: one that was left behind holds nothing, and another
-- job of that id is not the one that holds the key.
-- @needs active, expiry, now, ready, scheduled, unique, whole
-- @include whole

-- Who holds the key, for how long, and its state, if it has not ended; nothing for a key that is free.
local function holderOf(key)
  local during, id = string.match(redis.call('HGET', unique, 'k' .. key) or '', '^(%S+) (.*)$')
  local till = tonumber(string.match(during or '', '^%d+$') or nil)
  if not id or (till and till <= now) then return nil end
  if redis.call('HGET', unique, 'i' .. id) == key then
    if redis.call('ZSCORE', ready, id) then return id, during, 'ready' end
    if redis.call('ZSCORE', scheduled, id) then return id, during, 'scheduled' end
    if during ~= 'w' and redis.call('ZSCORE', active, id) then return id, during, 'active' end
  end
  if till then return id, during end
end

-- @param during 'w', 'u', or for how long in ms
local function hold(key, during, id)
  local span = tonumber(during)
  if span then during = whole(now + span) end
  redis.call('HSET', unique, 'k' .. key, during .. ' ' .. id, 'i' .. id, key)
  if span then redis.call('ZADD', expiry, during, 'unique:' .. key) else redis.call('ZREM', expiry, 'unique:' .. key) end
end
