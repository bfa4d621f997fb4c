-- What stands in the way of an owner at a node: leases and earlier waiters of other owners at the node, above
-- it or below it. Holds only once everything that ended was dropped. Whatever has no end was written by
-- another client, and stands in nobody's way.
-- @needs ends, entries, index, parse, upTo, waiters, whole

-- The first id of another owner in a range of `index`, whose order is below `order`.
local function find(from, to, owner, order)
  while true do
    local members = redis.call('ZRANGEBYLEX', index, from, to, 'LIMIT', 0, 100)
    for _, member in ipairs(members) do
      local place, other, id = string.match(member, '\2(%d+)\2([^\2]*)\2([^\2]*)$')
      if place and other ~= owner and tonumber(place) < order and redis.call('ZSCORE', ends, id) then return id end
    end
    if #members < 100 then return nil end
    from = '(' .. members[100]
  end
end

-- Answers the id of a lease, or whether the owner has a lease at or above the node: then nobody else can be
-- there.
local function holder(node, owner)
  for _, each in ipairs(upTo(node)) do
    -- Leases at one node are all of one owner.
    for _, member in ipairs(redis.call('ZRANGEBYLEX', index, '[h' .. each .. '\2', '(h' .. each .. '\3', 'LIMIT', 0, 10)) do
      local other, id = string.match(member, '\2([^\2]*)\2([^\2]*)$')
      if id and redis.call('ZSCORE', ends, id) then
        if other == owner then return nil, true end
        return id, false
      end
    end
  end
  return find('[h' .. node .. '\1', '(h' .. node .. '\2', owner, math.huge), false
end

local function earlier(node, owner, order)
  if redis.call('EXISTS', waiters) == 0 then return nil end
  for _, each in ipairs(upTo(node)) do
    local id = find('[w' .. each .. '\2', '(w' .. each .. '\2' .. string.format('%016.0f', order), owner, order)
    if id then return id end
  end
  return find('[w' .. node .. '\1', '(w' .. node .. '\2', owner, order)
end

-- Whether all who stand before the owner wait, in the end, for what the owner itself holds: behind them it
-- would wait for itself. Looks at the first 1,000 of them.
local function waitsForItself(node, owner, order)
  local at, under = {}, {}
  local function add(place)
    at[place] = true
    for _, each in ipairs(upTo(place)) do under[each] = true end
  end
  local function meets(place)
    for _, each in ipairs(upTo(place)) do
      if at[each] then return true end
    end
    return under[place]
  end
  local from, members = '[o' .. owner .. '\2', nil
  repeat
    members = redis.call('ZRANGEBYLEX', index, from, '(o' .. owner .. '\3', 'LIMIT', 0, 100)
    for _, member in ipairs(members) do add(string.match(member, '^o[^\2]*\2([^\2]*)') or '') end
    from = '(' .. (members[100] or '')
  until #members < 100
  if next(at) == nil then return false end
  local ids = redis.call('ZRANGEBYSCORE', waiters, '-inf', '(' .. whole(order), 'LIMIT', 0, 1000)
  if #ids == 1000 then return false end
  for _, entry in ipairs(redis.call('HMGET', entries, unpack(ids))) do
    local _, place, _, other = parse(entry or '')
    if place and other ~= owner then
      local below, above = place .. '\1', node .. '\1'
      if meets(place) then
        add(place)
      elseif string.sub(below, 1, #above) == above or string.sub(above, 1, #below) == below then
        return false
      end
    end
  end
  return true
end

-- The id of a lease, and the id of an earlier waiter: nil where there is none.
local function obstacles(node, owner, order)
  local lease, covered = holder(node, owner)
  if covered then return nil, nil end
  local waiter = earlier(node, owner, order)
  if waiter and waitsForItself(node, owner, order) then waiter = nil end
  return lease, waiter
end
