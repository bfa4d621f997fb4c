-- Applies the verdicts. A lease that is not the caller's any more refuses its verdict alone.
-- @needs beginEnds, cancels, changed, completedCount, ended, gone, groups, ids, leases, leaveActive, longRow, makeReady, meta, now, scheduled, state, stateOf, stateRow, tell, total, waiters, whole, writeEnds
-- @include active
-- @include state-row
-- @include ends

local function finish()
  -- @include verdicts
  if total == 0 then return ';' end
  local rows = redis.call('HMGET', leases, unpack(ids))
  local awaited = redis.call('EXISTS', waiters) == 1 and redis.call('HMGET', waiters, unpack(ids))
  local asked = redis.call('EXISTS', cancels) == 1 and redis.call('HMGET', cancels, unpack(ids))
  beginEnds()
  local overruled = {}
  local settled, refused, later, back, moved = {}, {}, {}, {}, {}
  -- Most lease rows of a batch are the same text: it is taken apart once.
  local holdRow, holder, fence, kind, value, rest
  local group, through, longest = -1, 0, @constant:longRow
  for i = 1, total do
    local id, row = ids[i], rows[i]
    if row ~= holdRow then
      holdRow = row
      holder = row and string.sub(row, 1, 16)
    end
    if i > through then
      group = group + 2
      local text = groups[group]
      if #text > longest then longest = #text end
      through = groups[group + 1]
      fence, kind = string.sub(text, 1, 16), string.sub(text, 17, 17)
      local stop = string.find(text, ';', 18, true) or #text + 1
      value, rest = string.sub(text, 18, stop - 1), string.sub(text, stop + 1)
    end
    if holder ~= fence then
      refused[#refused + 1] = i
    else
      settled[#settled + 1] = id
      if asked and asked[i] and kind ~= 'x' then
        -- The cancel was accepted, and came too late for the handler: it counts all the same.
        overruled[#overruled + 1] = i
        -- A job that is handed back says nothing of itself.
        local text = kind == 'b' and redis.call('HGET', state, id) or rest
        local attempts, stalls = stateOf(text)
        local keep, tail = string.match(asked[i], '^(%d*);([^\n]*)')
        local ending = stateRow(attempts or kind == 'c' and '1' or '0', stalls or '0', '', fence, tail or '')
        ended(id, 'x', keep or '', ending, fence, awaited and awaited[i])
      elseif kind == 'b' then
        back[#back + 1] = value
        back[#back + 1] = id
        moved[#moved + 1] = id
      elseif kind == 'r' then
        local due = whole(now + tonumber(value))
        later[#later + 1] = due
        later[#later + 1] = id
        moved[#moved + 1] = id
        changed[#changed + 1] = id
        local attempts, stalls, _, last, tail = stateOf(rest)
        changed[#changed + 1] = stateRow(attempts, stalls, due, last, tail)
      elseif kind == 'c' and value == '' and completedCount == 0 and not (awaited and awaited[i]) then
        gone[#gone + 1] = id
        -- @hook ending
      else
        ended(id, kind, value, rest, fence, awaited and awaited[i])
      end
    end
  end
  if #settled > 0 then
    leaveActive(settled)
    if asked then redis.call('HDEL', cancels, unpack(settled)) end
  end
  if longest > (longRow or @constant:longRow) then redis.call('HSET', meta, 'longest', whole(longest)) end
  tell(moved)
  if #back > 0 then makeReady(back) end
  if #later > 0 then redis.call('ZADD', scheduled, unpack(later)) end
  -- @hook left
  writeEnds()
  return table.concat(refused, ',') .. ';' .. table.concat(overruled, ',')
end
