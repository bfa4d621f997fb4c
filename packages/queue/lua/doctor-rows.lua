-- doctor-rows: judges a page of a hash of what belongs to jobs. `holders` says whose it may be: 'active', of
-- active jobs (leases); 'known', of jobs that have a row (state); 'awaited', of those that have not ended
-- (cancels, watchers); 'spared', also of those that have, and are kept for who waits (waiters). Called by
-- verifyQueue as doctor-jobs. With `repair` '1' what belongs to nobody is removed. Answers the cursor, pairs
-- of id and row, and the ids that it may not hold.
-- @role doctor
-- @reply [cursor: string, rows: string[], strays: string[]]
local jobs, active, completed, failed, cancelled, expiry, meta, hash = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local holders, repair, cursor, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include few
local function belongs(id)
  if holders == 'active' then return id == '' or redis.call('ZSCORE', active, id) end
  if redis.call('HEXISTS', jobs, id) == 0 then return false end
  if holders == 'known' then return true end
  if holders == 'spared' and (redis.call('ZSCORE', expiry, 'w:' .. id) or redis.call('ZSCORE', expiry, 'j:' .. id)) then return true end
  for _, key in ipairs({ completed, failed, cancelled }) do
    if redis.call('ZSCORE', key, id) then return false end
  end
  return true
end
-- No id has a control character.
redis.call('HDEL', hash, '\n')
local page = redis.call('HSCAN', hash, cursor, 'COUNT', few(count))
local rows, strays = page[2], {}
for i = 1, #rows, 2 do
  local id = rows[i]
  if not belongs(id) then
    strays[#strays + 1] = id
    if repair == '1' then redis.call('HDEL', hash, id) end
  end
end
return { page[1], rows, strays }
