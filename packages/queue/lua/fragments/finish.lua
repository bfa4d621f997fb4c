-- Applies the verdicts. A lease that is not the caller's any more refuses its verdict alone.
local function finish()
  local count = (#ARGV - 12) / 2
  if count == 0 then return '' end
  local ids, verdicts = {}, {}
  for i = 1, count do
    ids[i] = ARGV[11 + 2 * i]
    verdicts[i] = ARGV[12 + 2 * i]
  end
  local rows = redis.call('HMGET', leases, unpack(ids))
  local awaited = {}
  if redis.call('EXISTS', waiters) == 1 then awaited = redis.call('HMGET', waiters, unpack(ids)) end
  local settled, refused, gone, changed, later, back = {}, {}, {}, {}, {}, {}
  local kept = { c = {}, f = {}, x = {} }
  local own, told = {}, {}
  local ages = { c = completedAge, f = failedAge, x = completedAge }
  local counts = { c = completedCount, f = failedCount, x = completedCount }
  for i = 1, count do
    local id, verdict = ids[i], verdicts[i]
    if not rows[i] or string.sub(rows[i], 1, 16) ~= string.sub(verdict, 1, 16) then
      refused[#refused + 1] = i
    else
      local kind = string.sub(verdict, 17, 17)
      settled[#settled + 1] = id
      if kind == 'b' then
        back[#back + 1] = string.sub(verdict, 18)
        back[#back + 1] = id
      else
        local stop = string.find(verdict, ';', 18, true)
        local value, row = string.sub(verdict, 18, stop - 1), string.sub(verdict, stop + 1)
        if kind == 'r' then
          local due = whole(now + tonumber(value))
          later[#later + 1] = due
          later[#later + 1] = id
          changed[#changed + 1] = id
          changed[#changed + 1] = (string.gsub(row, '^(%d+:%d+:)', '%1' .. due, 1))
        else
          if row == '' then row = '0:0::' .. string.sub(verdict, 1, 16) .. ':' end
          local till = awaited[i] and tonumber(awaited[i])
          if till then
            redis.call('PUBLISH', channel, kind .. id .. '\n' .. row)
            told[#told + 1] = id
          end
          -- Retention never takes a result from somebody who waits for it.
          if value == '' and till and till > now then value = whole(counts[kind] > 0 and ages[kind] >= 0 and math.max(till - now, ages[kind]) or till - now) end
          if value == '0' and till and till > now then value = whole(till - now) end
          if value == '0' or (value == '' and counts[kind] == 0) then
            gone[#gone + 1] = id
          else
            changed[#changed + 1] = id
            changed[#changed + 1] = row
            local entries = kept[kind]
            entries[#entries + 1] = whole(value == '' and now or now + ownBand)
            entries[#entries + 1] = id
            if value ~= '' then
              own[#own + 1] = whole(now + tonumber(value))
              own[#own + 1] = 'j' .. id
            end
          end
        end
      end
    end
  end
  if #settled > 0 then
    redis.call('ZREM', active, unpack(settled))
    redis.call('HDEL', leases, unpack(settled))
    redis.call('HDEL', cancels, unpack(settled))
  end
  if #told > 0 then redis.call('HDEL', waiters, unpack(told)) end
  if #gone > 0 then erase(gone) end
  if #back > 0 then redis.call('ZADD', ready, unpack(back)) end
  if #later > 0 then redis.call('ZADD', scheduled, unpack(later)) end
  if #changed > 0 then redis.call('HSET', state, unpack(changed)) end
  if #own > 0 then redis.call('ZADD', expiry, unpack(own)) end
  for kind, key in pairs({ c = completed, f = failed, x = cancelled }) do
    if #kept[kind] > 0 then
      redis.call('ZADD', key, unpack(kept[kind]))
      trim(key, ages[kind], counts[kind], 1000)
    end
  end
  return table.concat(refused, ',')
end

-- Retention by age, for the queue's rule and for jobs with one of their own; sessions that were not heard of for ten minutes.
local function sweep()
  trim(completed, completedAge, completedCount, 100)
  trim(cancelled, completedAge, completedCount, 100)
  trim(failed, failedAge, failedCount, 100)
  local ended = redis.call('ZRANGEBYSCORE', expiry, '-inf', whole(now), 'LIMIT', 0, 100)
  if #ended == 0 then return end
  redis.call('ZREM', expiry, unpack(ended))
  for _, member in ipairs(ended) do
    local name = string.sub(member, 2)
    if string.sub(member, 1, 1) == 's' then
      redis.call('HDEL', sessions, name .. ':0', name .. ':1', name .. ':2', name .. ':3')
    elseif redis.call('ZREM', completed, name) + redis.call('ZREM', failed, name) + redis.call('ZREM', cancelled, name) > 0 then
      erase({ name })
    end
  end
end
