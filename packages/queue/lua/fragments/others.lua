-- The other jobs of an add: with a due time, a priority or an id of their own. Answers the positions of those that are there already; one whose retention has ended is
-- forgotten here and now.
local function others()
  local duplicates, seen, position = {}, {}, 0
  for i = last + 1, count, 3 do
    local id, due = arguments[i], arguments[i + 2]
    position = position + 1
    if named == '1' and not seen[id] and redis.call('HEXISTS', jobs, id) == 1 and not visible(id) then forget(id) end
    if named == '1' and (seen[id] or redis.call('HEXISTS', jobs, id) == 1) then
      duplicates[#duplicates + 1] = position
    elseif named == '1' or not (late and redis.call('ZSCORE', readded, id)) then
      local row = head .. arguments[i + 1]
      seen[id] = true
      -- Ten minutes: no connection delivers so late.
      if named == '1' and string.byte(id) == 126 then redis.call('ZADD', readded, whole(now + 600000), id) end
      rows[#rows + 1] = id
      rows[#rows + 1] = row
      if due == '' then
        sequence = sequence + 1
        entries[#entries + 1] = rank(row, sequence)
        entries[#entries + 1] = id
      else
        if string.byte(due) == 43 then due = now + tonumber(string.sub(due, 2)) else due = tonumber(due) end
        if earliest == nil or due < earliest then earliest = due end
        later[#later + 1] = whole(due)
        later[#later + 1] = id
      end
    end
  end
  return duplicates
end
