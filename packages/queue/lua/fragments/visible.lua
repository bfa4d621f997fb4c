-- Where a job is. A finished job whose retention has ended counts as gone although no sweep has come by yet.
-- @needs active, cancelled, completed, expiry, failed, jobs, meta, now, ready, ruleOf, scheduled, state
-- @include whole
-- @include rule
local completedAge, completedCount, failedAge, failedCount = ruleOf(redis.call('HGET', meta, 'retain'))
local ages = { completed = completedAge, cancelled = completedAge, failed = failedAge }
local keys = { ready = ready, scheduled = scheduled, active = active, completed = completed, failed = failed, cancelled = cancelled }
-- @hook states

-- Its state and its score (for ended jobs: when they ended, in ms); nothing for a job that is gone.
local function visible(id)
  for name, key in pairs(keys) do
    local score = tonumber(redis.call('ZSCORE', key, id) or nil)
    if score then
      local age = ages[name]
      if not age then return name, score end
      local till = nil
      if score >= @constant:ownRetentionBand then
        score = score - @constant:ownRetentionBand
        till = tonumber(redis.call('ZSCORE', expiry, 'j:' .. id) or nil)
        local spared = tonumber(redis.call('ZSCORE', expiry, 'w:' .. id) or nil)
        if spared and spared > now then till = spared end
      end
      score = math.floor(score / 1000)
      if till and till <= now or not till and age >= 0 and score <= now - age then return nil end
      return name, score
    end
  end
end

local function forget(id)
  for name in pairs(ages) do redis.call('ZREM', keys[name], id) end
  redis.call('ZREM', expiry, 'j:' .. id, 'w:' .. id)
  redis.call('HDEL', jobs, id)
  redis.call('HDEL', state, id)
  local ids = { id }
  -- @hook erased
end
