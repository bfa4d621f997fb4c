-- doctor-unique: judges a page of `unique` (see holder): who holds a key until its end has not ended, and
-- frees it then; a key held for a time ends some day; a blocked job is blocked. Called by verifyQueue as
-- doctor-jobs. With `repair` '1' what holds nothing is removed.
-- Answers the cursor, how many it has seen, and the fields that hold nothing.
-- @role doctor
-- @reply [cursor: string, seen: number, strays: string[]]
local scheduled, ready, active, blocked, expiry, unique = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local repair, cursor, count = ARGV[1], ARGV[2], ARGV[3]
local function unfinished(id)
  for _, key in ipairs({ scheduled, ready, active }) do
    if redis.call('ZSCORE', key, id) then return true end
  end
  return false
end
local function holds(field, value)
  local mark, name = string.sub(field, 1, 1), string.sub(field, 2)
  if mark == 'i' then return unfinished(name) or redis.call('ZSCORE', blocked, name) end
  if mark == 'b' then return redis.call('ZSCORE', blocked, value) and redis.call('HGET', unique, 'i' .. value) == name end
  local during, id = string.match(value, '^(%S+) (.*)$')
  if during == 'w' or during == 'u' then return unfinished(id) and redis.call('HGET', unique, 'i' .. id) == name end
  return id and redis.call('ZSCORE', expiry, 'unique:' .. name) == during
end
redis.call('HDEL', unique, '')
local page = redis.call('HSCAN', unique, cursor, 'COUNT', count)
local rows, strays = page[2], {}
for i = 1, #rows, 2 do
  if not holds(rows[i], rows[i + 1]) then
    strays[#strays + 1] = rows[i]
    if repair == '1' then redis.call('HDEL', unique, rows[i]) end
  end
end
return { page[1], #rows / 2, strays }
