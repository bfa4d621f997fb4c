-- A job that is handed back has the time that it had, one that is to come again has it anew, and one that has
-- ended has none.
-- @needs back, deadlines, deadlinesOf, expiring, later, rearm, settled, whole
  local bounded = expiring and #settled > 0 and deadlinesOf(settled) or {}
  if #bounded > 0 then
    local before, kept = {}, {}
    for i = 1, #bounded, 2 do before[settled[bounded[i]]] = bounded[i + 1] end
    redis.call('ZREM', deadlines, unpack(settled))
    for i = 1, #back, 2 do
      local startBy = before[back[i + 1]]
      if startBy then
        kept[#kept + 1] = whole(startBy - @constant:timeLimit)
        kept[#kept + 1] = back[i + 1]
      end
    end
    for i = 1, #later, 2 do
      if before[later[i + 1]] then rearm(later[i + 1], tonumber(later[i])) end
    end
    if #kept > 0 then redis.call('ZADD', deadlines, unpack(kept)) end
  end
