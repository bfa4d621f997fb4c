-- The other jobs of an add: with a due time, a priority, an id or a feature of their own, and all of an order
-- that asks for it. Answers the positions of those for which another one stays, the ids of those, and the
-- positions of those that are blocked; one whose retention has ended is forgotten here and now.
-- @needs arguments, count, earliest, entries, forget, head, jobs, last, late, later, named, now, rank, readded, rows, sequence, visible, waiters, whole
-- @hook custom
local function others()
  local duplicates, survivors, waiting, seen, position = {}, {}, {}, {}, 0
  for i = last + 1, count, @record do
    local id, due = arguments[i], arguments[i + 2]
    position = position + 1
    local given = string.byte(named, position) == 49
    if given and not seen[id] and redis.call('HEXISTS', jobs, id) == 1 and not visible(id) then
      forget(id)
      redis.call('HDEL', waiters, id)
    end
    if given and (seen[id] or redis.call('HEXISTS', jobs, id) == 1) then
      duplicates[#duplicates + 1] = position
      survivors[#survivors + 1] = id
    elseif given or not (late and redis.call('ZSCORE', readded, id)) then
      local row = head .. arguments[i + 1]
      if due == '' then due = nil elseif string.byte(due) == 43 then due = now + tonumber(string.sub(due, 2)) else due = tonumber(due) end
      -- Ten minutes: no connection delivers so late.
      if given and string.byte(id) == 126 then
        redis.call('ZREMRANGEBYSCORE', readded, '-inf', whole(now))
        redis.call('ZADD', readded, whole(now + @constant:laneMemory), id)
      end
      local decided = false
      -- @hook added
      if not decided then
        seen[id] = true
        rows[#rows + 1] = id
        rows[#rows + 1] = row
        local startBy = nil
        -- @hook placing
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
  return duplicates, survivors, waiting
end
