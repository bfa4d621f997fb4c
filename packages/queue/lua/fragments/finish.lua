-- Applies the verdicts. A lease that is not the caller's any more refuses its verdict alone.
-- @include verdicts
local function finish()
  local ids, groups, total = verdicts()
  if total == 0 then return ';' end
  local rows = redis.call('HMGET', leases, unpack(ids))
  local awaited = redis.call('EXISTS', waiters) == 1 and redis.call('HMGET', waiters, unpack(ids))
  local asked = redis.call('EXISTS', cancels) == 1 and redis.call('HMGET', cancels, unpack(ids))
  -- Whose end may free a unique key.
  local keyed = redis.call('EXISTS', unique) == 1 and {}
  local overruled = {}
  local settled, refused, gone, changed, later, back, own, told, moved = {}, {}, {}, {}, {}, {}, {}, {}, {}
  local kept = { c = {}, f = {}, x = {} }
  local ages = { c = completedAge, f = failedAge, x = completedAge }
  local counts = { c = completedCount, f = failedCount, x = completedCount }

  local function ended(id, kind, keep, row, fence, till)
    if keyed then keyed[#keyed + 1] = id end
    if row == '' then row = '0:0::' .. fence .. ':' end
    if till then
      redis.call('PUBLISH', channel, kind .. id .. '\n' .. row)
      told[#told + 1] = id
    end
    -- Retention never takes a result from somebody who waits for it: the queue's rule begins when the wait is over ('w').
    local mark = 'j'
    if till and till > now and (keep == '0' or keep == '') then
      if keep == '' and counts[kind] > 0 then mark = 'w' end
      keep = whole(till - now)
    end
    if keep == '0' or (keep == '' and counts[kind] == 0) then
      gone[#gone + 1] = id
      return
    end
    changed[#changed + 1] = id
    changed[#changed + 1] = row
    local entries = kept[kind]
    entries[#entries + 1] = whole(keep == '' and now or now + ownBand)
    entries[#entries + 1] = id
    if keep ~= '' then
      own[#own + 1] = whole(now + tonumber(keep))
      own[#own + 1] = mark .. id
    end
  end

  -- Most lease rows of a batch are the same text: it is taken apart once.
  local holdRow, holder, fence, kind, value, rest
  local group, through = -1, 0
  for i = 1, total do
    local id, row = ids[i], rows[i]
    if row ~= holdRow then
      holdRow = row
      holder = row and string.sub(row, 1, 16)
    end
    if i > through then
      group = group + 2
      local text = groups[group]
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
        local attempts, stalls = string.match(text, '^(%d+):(%d+):')
        local keep, tail = string.match(asked[i], '^(%d*);([^\n]*)')
        local ending = (attempts or '0') .. ':' .. (stalls or '0') .. '::' .. fence .. ':' .. (tail or '')
        ended(id, 'x', keep or '', ending, fence, awaited and awaited[i] and tonumber(awaited[i]))
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
        changed[#changed + 1] = (string.gsub(rest, '^(%d+:%d+:)', '%1' .. due, 1))
      elseif kind == 'c' and value == '' and completedCount == 0 and not keyed and not (awaited and awaited[i]) then
        gone[#gone + 1] = id
      else
        ended(id, kind, value, rest, fence, awaited and awaited[i] and tonumber(awaited[i]))
      end
    end
  end
  if #settled > 0 then
    redis.call('ZREM', active, unpack(settled))
    redis.call('HDEL', leases, unpack(settled))
    if asked then redis.call('HDEL', cancels, unpack(settled)) end
  end
  if #told > 0 then
    redis.call('HDEL', waiters, unpack(told))
    redis.call('HDEL', watchers, unpack(told))
  end
  tell(moved)
  if #gone > 0 then erase(gone) end
  if #back > 0 then redis.call('ZADD', ready, unpack(back)) end
  if #later > 0 then redis.call('ZADD', scheduled, unpack(later)) end
  if #changed > 0 then redis.call('HSET', state, unpack(changed)) end
  if #own > 0 then redis.call('ZADD', expiry, unpack(own)) end
  for _, id in ipairs(keyed or {}) do release(id) end
  for ending, key in pairs({ c = completed, f = failed, x = cancelled }) do
    if #kept[ending] > 0 then
      redis.call('ZADD', key, unpack(kept[ending]))
      trim(key, ages[ending], counts[ending], 1000)
    end
  end
  return table.concat(refused, ',') .. ';' .. table.concat(overruled, ',')
end
