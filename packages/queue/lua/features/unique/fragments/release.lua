-- A job has ended or is gone: its unique key is free (see holder), or passes to the job that was blocked
-- behind it, which goes on. Answers that one, if there is one.
-- @needs advance, blocked, expiry, jobs, makeReady, now, optionsOf, rank, scheduled, tell, unique, whole
-- @include tell
-- @include rank
-- @include ready
-- @include sequence
-- @include options
local function release(id)
  local key = redis.call('HGET', unique, 'i' .. id)
  if not key then return nil end
  redis.call('HDEL', unique, 'i' .. id)
  local behind = redis.call('HGET', unique, 'b' .. key)
  if behind == id then redis.call('HDEL', unique, 'b' .. key) end
  -- A job that did not wait any more may have lost its key to a later one.
  if behind == id or string.match(redis.call('HGET', unique, 'k' .. key) or '', '^[wu] (.*)$') ~= id then return nil end
  redis.call('HDEL', unique, 'k' .. key, 'b' .. key)
  local dueAt = behind and tonumber(redis.call('ZSCORE', blocked, behind) or nil)
  if not dueAt then return nil end
  redis.call('ZREM', blocked, behind)
  local row = redis.call('HGET', jobs, behind) or ''
  local claim = (optionsOf(row) or {}).unique
  local during = type(claim) == 'table' and claim.during
  local held = during == 'waiting' and 'w' or 'u'
  -- A row that another client wrote may hold any number, or none that is one.
  if type(during) == 'number' and during > 0 and during < @constant:timeLimit then
    held = whole(now + during)
    redis.call('ZADD', expiry, held, 'unique:' .. key)
  end
  redis.call('HSET', unique, 'k' .. key, held .. ' ' .. behind)
  if dueAt > now then
    redis.call('ZADD', scheduled, whole(dueAt), behind)
  else
    local id, startBy = behind, nil
    -- @hook ranked
    makeReady({ rank(row, advance(1), startBy), id })
  end
  tell({ behind })
  return behind
end
