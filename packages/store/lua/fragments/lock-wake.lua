-- Tells waiters that may go, now that nodes were freed: of those at, above or below, the first of each node,
-- at most 200. A hint: a waiter that is not told polls.
-- @needs channel, freed, hint, index, obstacles, parse, upTo, waiters
-- @include hint
local function wake()
  if #freed == 0 or redis.call('EXISTS', waiters) == 0 then return end
  local known, members = {}, {}
  local function first(from, to)
    local member = redis.call('ZRANGEBYLEX', index, from, to, 'LIMIT', 0, 1)[1]
    if member and not known[member] then
      known[member] = true
      members[#members + 1] = member
    end
    return member
  end
  for _, node in ipairs(freed) do
    if #members >= 200 then break end
    for _, each in ipairs(upTo(node)) do first('[w' .. each .. '\2', '(w' .. each .. '\3') end
    local from = '[w' .. node .. '\1'
    while #members < 200 do
      local member = first(from, '(w' .. node .. '\2')
      if not member then break end
      local _, place = parse(member)
      if not place then break end
      from = '[w' .. place .. '\3'
    end
  end
  local ids = {}
  for _, member in ipairs(members) do
    local _, node, order, owner = parse(member)
    if node then
      local lease, waiter = obstacles(node, owner, tonumber(order))
      if not lease and not waiter then ids[#ids + 1] = string.match(member, '[^\2]*$') end
    end
  end
  if #ids > 0 then hint(channel, table.concat(ids, ' ')) end
end
