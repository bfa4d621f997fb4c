-- When the last job has ended, in µs: see ends.
-- @needs deadlines, expire, meta, microseconds, now, placed, sequence, whole
local lastEnd = nil
-- @include expire
-- A waiting job whose time is over has failed, though no worker has looked since.
local function failLate(id)
  local startBy = tonumber(redis.call('ZSCORE', deadlines, id) or nil)
  if not startBy or startBy > now then return false end
  -- Its end may let another one go on, which counts on.
  redis.call('HSET', meta, 'sequence', whole(sequence))
  lastEnd = tonumber(redis.call('HGET', meta, 'ended')) or 0
  if not (lastEnd < microseconds + @constant:clockLead) then lastEnd = 0 end
  expire({ id })
  redis.call('HSET', meta, 'ended', whole(lastEnd))
  sequence = tonumber(redis.call('HGET', meta, 'sequence'))
  placed = true
  return true
end

