-- Adds with a unique key: each is decided after what those before it have done, and applied at once. What is waited for next is in `earliest`, and `sequence` is to be written if
-- something was `placed` in `ready`.
-- @include holder
-- @include options
-- @include expire
-- @include tell
local function place(id, row, due, startBy)
  if due then
    redis.call('ZADD', scheduled, whole(due), id)
    if earliest == nil or due < earliest then earliest = due end
  else
    sequence = sequence + 1
    redis.call('ZADD', ready, rank(row, sequence, startBy), id)
    placed = true
  end
end

-- When a waiting job is due, or was.
local function dueOf(id, name, row)
  if name ~= 'ready' then return tonumber(redis.call('ZSCORE', keys[name], id)) end
  local due = tonumber(string.match(redis.call('HGET', state, id) or '', '^%d+:%d+:(%d+):'))
  local options = optionsOf(row) or {}
  local begins = due or tonumber(options.runAt) or (tonumber(string.sub(row, 2, 14)) or now) + (tonumber(options.delay) or 0)
  -- Of a row of another client it may be no time.
  return begins >= 0 and begins < startedBand and begins or now
end

-- A waiting job becomes what was added, with a full set of attempts: in its place, with its priority, or, when it `moves`, where the new one would be.
local function supersede(id, name, row, due, moves, life)
  local old = redis.call('HGET', jobs, id) or row
  local head, rest = string.match(row, '^(%d+:[^:]*:)(.*)$')
  if moves then row = string.sub(old, 1, 14) .. string.sub(row, 15) else row = (string.match(old, '^%d+:[^:]*:') or head) .. rest end
  local was = moves and (due or now) or dueOf(id, name, old)
  redis.call('HSET', jobs, id, row)
  redis.call('HSET', state, id, '0:0:' .. whole(was) .. '::')
  local startBy = deadlineFrom(was, life)
  if startBy then redis.call('ZADD', deadlines, whole(startBy), id) else redis.call('ZREM', deadlines, id) end
  -- What was to be cancelled is no more.
  redis.call('HDEL', cancels, id)
  if moves and name == 'blocked' then
    redis.call('ZADD', blocked, whole(was), id)
  elseif moves then
    redis.call('ZREM', keys[name], id)
    place(id, row, due, startBy)
  end
  tell({ id })
end

-- A waiting job whose time is over has failed, though no worker has looked since.
local function failLate(id)
  local startBy = tonumber(redis.call('ZSCORE', deadlines, id) or nil)
  if not startBy or startBy > now then return false end
  -- Its end may let another one go on, which counts on.
  redis.call('HSET', meta, 'sequence', whole(sequence))
  lastEnd = tonumber(redis.call('HGET', meta, 'ended')) or 0
  if not (lastEnd < microseconds + 60000000) then lastEnd = 0 end
  expire({ id })
  redis.call('HSET', meta, 'ended', whole(lastEnd))
  sequence = tonumber(redis.call('HGET', meta, 'sequence'))
  placed = true
  return true
end

-- @param claim '<during> <what a conflict does> <key>'
-- Answers the job that stays in its stead, if one does, and else whether it is blocked.
local function addKeyed(id, row, due, claim, life)
  local during, conflict, key = string.match(claim, '^(%S+) (%a) (.*)$')
  local holder, held, name = holderOf(key)
  local behind = held == 'u' and redis.call('HGET', unique, 'b' .. key)
  if (name and failLate(holder)) or (behind and failLate(behind)) then return addKeyed(id, row, due, claim, life) end
  local startBy = deadlineFrom(due or now, life)
  -- The time of its key may be left when a job has ended: there is nothing to replace any more, nor to wait for.
  if not holder or (conflict ~= 'k' and not name) then
    redis.call('HSET', jobs, id, row)
    hold(key, during, id)
    if startBy then redis.call('ZADD', deadlines, whole(startBy), id) end
    place(id, row, due, startBy)
    return nil, false
  end
  if conflict == 'k' then return holder end
  if behind then holder, name = behind, 'blocked' end
  if name ~= 'active' then
    supersede(holder, name, row, due, conflict == 'd', life)
    if not behind then hold(key, during, holder) end
    return holder
  end
  -- Who is blocked relies on the end of the holder, which must not lose the key before that.
  if held ~= 'u' then hold(key, 'u', holder) end
  redis.call('HSET', jobs, id, row)
  redis.call('HSET', unique, 'b' .. key, id, 'i' .. id, key)
  redis.call('ZADD', blocked, whole(due or now), id)
  if startBy then redis.call('ZADD', deadlines, whole(startBy), id) end
  return nil, true
end
