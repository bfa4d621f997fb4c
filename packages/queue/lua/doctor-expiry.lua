-- doctor-expiry: judges a page of `expiry`: each member ends something, a session that is known, a unique key
-- that is held for a time, or the retention of an ended job that is kept beyond the rule of the queue.
-- Called by verifyQueue as doctor-jobs. With `repair` '1' a member that ends nothing is removed: it could end
-- the job of that id too early.
-- Answers the cursor, how many it has seen, and the members that end nothing.
-- @role doctor
-- @reply [cursor: string, seen: number, strays: string[]]
local completed, failed, cancelled, expiry, sessions, unique = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local repair, cursor, count = ARGV[1], ARGV[2], ARGV[3]
local function ends(member)
  local mark, name = string.match(member, '^(%l+):(.*)$')
  if mark == 's' then
    for lane = 0, @constant:clientLanes - 1 do
      if redis.call('HEXISTS', sessions, name .. ':' .. lane) == 1 then return true end
    end
    return false
  end
  if mark == 'unique' then
    return string.match(redis.call('HGET', unique, 'k' .. name) or '', '^(%d+) ') == redis.call('ZSCORE', expiry, member)
  end
  if mark ~= 'j' and mark ~= 'w' then return false end
  for _, key in ipairs({ completed, failed, cancelled }) do
    local score = tonumber(redis.call('ZSCORE', key, name) or nil)
    if score and score >= @constant:ownRetentionBand then return true end
  end
  return false
end
redis.call('ZREM', expiry, '')
local page = redis.call('ZSCAN', expiry, cursor, 'COUNT', count)
local entries, strays = page[2], {}
for i = 1, #entries, 2 do
  local member = entries[i]
  if not ends(member) then
    strays[#strays + 1] = member
    if repair == '1' then redis.call('ZREM', expiry, member) end
  end
end
return { page[1], #entries / 2, strays }
