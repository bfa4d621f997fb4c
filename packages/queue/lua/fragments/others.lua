-- The other jobs of an add: with a due time, a priority, a deadline, an id or a unique key of their own, and all of an order that asks for it. Answers the positions of those for which another one stays, the ids of those, and the
-- positions of those that are blocked; one whose retention has ended is forgotten here and now.
-- @include keyed
local function others()
  local duplicates, stays, waiting, seen, position = {}, {}, {}, {}, 0
  local limits = {}
  for i = last + 1, count, 5 do
    local id, due, claim, life = arguments[i], arguments[i + 2], arguments[i + 3], tonumber(arguments[i + 4])
    position = position + 1
    local given = string.byte(named, position) == 49
    if given and not seen[id] and redis.call('HEXISTS', jobs, id) == 1 and not visible(id) then
      forget(id)
      redis.call('HDEL', waiters, id)
    end
    if given and (seen[id] or redis.call('HEXISTS', jobs, id) == 1) then
      duplicates[#duplicates + 1] = position
      stays[#stays + 1] = id
    elseif given or not (late and redis.call('ZSCORE', readded, id)) then
      local row = head .. arguments[i + 1]
      if due == '' then due = nil elseif string.byte(due) == 43 then due = now + tonumber(string.sub(due, 2)) else due = tonumber(due) end
      -- Ten minutes: no connection delivers so late.
      if given and string.byte(id) == 126 then redis.call('ZADD', readded, whole(now + 600000), id) end
      if claim ~= '' then
        local other, blocks = addKeyed(id, row, due, claim, life)
        if other then
          duplicates[#duplicates + 1] = position
          stays[#stays + 1] = other
        elseif blocks then
          waiting[#waiting + 1] = position
        end
      else
        seen[id] = true
        rows[#rows + 1] = id
        rows[#rows + 1] = row
        local startBy = deadlineFrom(due or now, life)
        if startBy then
          limits[#limits + 1] = whole(startBy)
          limits[#limits + 1] = id
        end
        if due then
          if earliest == nil or due < earliest then earliest = due end
          later[#later + 1] = whole(due)
          later[#later + 1] = id
        else
          sequence = sequence + 1
          entries[#entries + 1] = rank(row, sequence, startBy)
          entries[#entries + 1] = id
        end
      end
    end
  end
  if #limits > 0 then redis.call('ZADD', deadlines, unpack(limits)) end
  return duplicates, stays, waiting
end
