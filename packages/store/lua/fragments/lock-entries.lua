-- An entry is 'h' (holds a lease) or 'w' (waits), then node, order and owner with the byte 2 between them;
-- order is the fence of a lease or the place of a waiter, 16 digits. With the byte 2 and the id it is a
-- member of `index`: what is at a node begins with kind, node and the byte 2, what is below it with kind,
-- node and the byte 1.
-- @needs ends, entries, index, now, waiters, whole
local function parse(text)
  return string.match(text, '^([hw])([^\2]*)\2(%d+)\2([^\2]*)')
end

-- Every lease is also listed under its owner.
local function listed(owner, node, id)
  return 'o' .. owner .. '\2' .. node .. '\2' .. id
end

-- The nodes that were freed by this call.
local freed = {}
local function drop(id)
  local entry = redis.call('HGET', entries, id) or ''
  redis.call('HDEL', entries, id)
  redis.call('ZREM', ends, id)
  redis.call('ZREM', waiters, id)
  local kind, node, _, owner = parse(entry)
  if not kind then return nil end
  redis.call('ZREM', index, entry .. '\2' .. id, listed(owner, node, id))
  freed[#freed + 1] = node
  return kind
end

-- Drops leases that have ended, waiters that fell silent and marks that are over, at most 500. Answers
-- whether these were all. Times are cut to ms, so an end counts only when it has passed: a lease must not end
-- sooner here than by the clock of its holder.
local function sweep()
  local ended = redis.call('ZRANGEBYSCORE', ends, '-inf', '(' .. whole(now), 'LIMIT', 0, 500)
  for _, id in ipairs(ended) do drop(id) end
  return #ended < 500
end
