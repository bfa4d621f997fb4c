-- The leaves of a section, less those whose time to live is over: these go first, at most 1,000 of them, and
-- `live` leaves out the rest. The server's own clock counts.
-- @needs expiry, index, nodes, now, whole
local offset = 0
-- @include now
-- @include whole
local expiring = redis.call('ZCARD', expiry) > 0
local function remove(leaves)
  if #leaves == 0 then return end
  redis.call('HDEL', nodes, unpack(leaves))
  redis.call('ZREM', index, unpack(leaves))
  if expiring then redis.call('ZREM', expiry, unpack(leaves)) end
end
if expiring then remove(redis.call('ZRANGEBYSCORE', expiry, '-inf', whole(now), 'LIMIT', 0, 1000)) end

local function live(leaves)
  if not expiring or #leaves == 0 then return leaves end
  local kept = {}
  local ends = redis.call('ZMSCORE', expiry, unpack(leaves))
  for i, leaf in ipairs(leaves) do
    if not ends[i] or tonumber(ends[i]) > now then kept[#kept + 1] = leaf end
  end
  return kept
end

-- A page of leaves below a node, the next after `last`; those that are over among them.
local function below(node, last)
  return redis.call('ZRANGEBYLEX', index, last and '(' .. last or '[' .. node .. '\1', '(' .. node .. '\2', 'LIMIT', 0, 1000)
end

local function has(leaf)
  return redis.call('HEXISTS', nodes, leaf) == 1 and #live({ leaf }) == 1
end
