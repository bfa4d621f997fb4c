-- Adds with a unique key: each is decided after what those before it have done, and applied at once. What is
-- waited for next is in `earliest`, and `sequence` is to be written if something was `placed` in `ready`.
-- @needs blocked, cancels, hold, holderOf, jobs, keys, now, optionsOf, place, state, stateOf, stateRow, tell, unique, whole
-- @include holder
-- @include options
-- @include place
-- @include state-row
-- @include tell
-- @hook keyed
-- When a waiting job is due, or was.
local function dueOf(id, name, row)
  if name ~= 'ready' then return tonumber(redis.call('ZSCORE', keys[name], id)) end
  local _, _, stored = stateOf(redis.call('HGET', state, id))
  local due = tonumber(stored)
  local options = optionsOf(row) or {}
  local begins = due or tonumber(options.runAt) or (tonumber(string.sub(row, 2, 14)) or now) + (tonumber(options.delay) or 0)
  -- Of a row of another client it may be no time.
  return begins >= 0 and begins < @constant:timeLimit and begins or now
end

-- A waiting job becomes what was added, with a full set of attempts: in its place, with its priority, or,
-- when it `moves`, where the new one would be.
local function supersede(i, id, name, row, due, moves)
  local old = redis.call('HGET', jobs, id) or row
  local head, rest = string.match(row, '^(%d+:[^:]*:)(.*)$')
  if moves then row = string.sub(old, 1, 14) .. string.sub(row, 15) else row = (string.match(old, '^%d+:[^:]*:') or head) .. rest end
  local was = moves and (due or now) or dueOf(id, name, old)
  redis.call('HSET', jobs, id, row)
  redis.call('HSET', state, id, stateRow('0', '0', whole(was), '', ''))
  -- @hook superseded
  -- What was to be cancelled is no more.
  redis.call('HDEL', cancels, id)
  if moves and name == 'blocked' then
    redis.call('ZADD', blocked, whole(was), id)
  elseif moves then
    redis.call('ZREM', keys[name], id)
    place(i, id, row, due)
  end
  tell({ id })
end

-- @param claim '<during> <what a conflict does> <key>'
-- @param i where its record begins in `arguments`
-- Answers the job that stays in its stead, if one does, and else whether it is blocked.
local function addKeyed(i, id, row, due, claim)
  local during, conflict, key = string.match(claim, '^(%S+) (%a) (.*)$')
  local holder, held, name = holderOf(key)
  local behind = held == 'u' and redis.call('HGET', unique, 'b' .. key)
  -- @hook held
  -- The time of its key may be left when a job has ended: there is nothing to replace any more, nor to wait
  -- for.
  if not holder or (conflict ~= 'k' and not name) then
    redis.call('HSET', jobs, id, row)
    hold(key, during, id)
    place(i, id, row, due)
    return nil, false
  end
  if conflict == 'k' then return holder end
  if behind then holder, name = behind, 'blocked' end
  if name ~= 'active' then
    supersede(i, holder, name, row, due, conflict == 'd')
    if not behind then hold(key, during, holder) end
    return holder
  end
  -- Who is blocked relies on the end of the holder, which must not lose the key before that.
  if held ~= 'u' then hold(key, 'u', holder) end
  local startBy = nil
  redis.call('HSET', jobs, id, row)
  redis.call('HSET', unique, 'b' .. key, id, 'i' .. id, key)
  redis.call('ZADD', blocked, whole(due or now), id)
  -- @hook placing
  return nil, true
end
