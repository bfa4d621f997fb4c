-- Jobs that end are gathered one by one, and then written together. Needs the rule of the queue:
-- completedAge, completedCount, failedAge, failedCount; and `lastEnd`, when the last job has ended, in µs,
-- which is `ended` in `meta`: each end comes after the one before it, however fast.
-- @needs cancelled, channel, completed, completedAge, completedCount, erase, expiry, failed, failedAge, failedCount, hint, lastEnd, microseconds, now, state, stateRow, trim, waiters, watchers, whole
-- @include hint
-- @include retain
-- @include state-row
-- @hook ends
local plainFence, plainRow
local gone, changed, own, told, news, heard, kept
local agesOf = { c = completedAge, f = failedAge, x = completedAge }
local countsOf = { c = completedCount, f = failedCount, x = completedCount }
local function beginEnds()
  gone, changed, own, told, news, heard = {}, {}, {}, {}, {}, {}
  kept = { c = {}, f = {}, x = {} }
end

-- @param kind c|f|x completed, failed, cancelled
-- @param keep for how long in ms; '' by the rule of the queue
-- @param row the state row; '' of a job that has completed in its first attempt, and has nothing to tell
-- @param awaited its row of `waiters`, if it has one
local function ended(id, kind, keep, row, fence, awaited)
  local till = awaited and tonumber(string.match(awaited, '^%d+') or 0)
  -- @hook ending
  if row == '' then
    -- Most of a batch have the same.
    if fence ~= plainFence then plainFence, plainRow = fence, stateRow('1', '0', '', fence, '') end
    row = plainRow
  end
  if till then
    told[#told + 1] = id
    news[#news + 1] = kind .. id .. '\n' .. row
  end
  -- Retention never takes a result from somebody who waits for it: the queue's rule begins when all who wait
  -- have said that they have it (give-back), or their wait is over ('w').
  local mark = 'j:'
  if till and till > now and (keep == '0' or keep == '') then
    if keep == '' and countsOf[kind] > 0 then mark = 'w:' end
    keep = whole(till - now)
  elseif till then
    heard[#heard + 1] = id
  end
  if keep == '0' or (keep == '' and countsOf[kind] == 0) then
    gone[#gone + 1] = id
    return
  end
  changed[#changed + 1] = id
  changed[#changed + 1] = row
  local entries = kept[kind]
  lastEnd = math.max(microseconds, lastEnd + 1)
  entries[#entries + 1] = whole(keep == '' and lastEnd or lastEnd + @constant:ownRetentionBand)
  entries[#entries + 1] = id
  if keep ~= '' then
    own[#own + 1] = whole(now + tonumber(keep))
    own[#own + 1] = mark .. id
  end
end

local function writeEnds()
  if #told > 0 then redis.call('HDEL', watchers, unpack(told)) end
  if #heard > 0 then redis.call('HDEL', waiters, unpack(heard)) end
  if #gone > 0 then erase(gone) end
  if #changed > 0 then redis.call('HSET', state, unpack(changed)) end
  if #own > 0 then redis.call('ZADD', expiry, unpack(own)) end
  -- @hook ended
  for ending, key in pairs({ c = completed, f = failed, x = cancelled }) do
    if #kept[ending] > 0 then
      redis.call('ZADD', key, unpack(kept[ending]))
      trim(key, agesOf[ending], countsOf[ending], 1000)
    end
  end
  for _, text in ipairs(news) do hint(channel, text) end
end
