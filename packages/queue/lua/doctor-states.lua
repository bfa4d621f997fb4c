-- doctor-states: judges a page of the set of one state: who is in it has a row. Called by verifyQueue as
-- doctor-jobs. With `repair` '1' an id without a row is removed: there is nothing to run. Answers the cursor,
-- how many it has seen, and the ids without a row.
-- @role doctor
-- @reply [cursor: string, seen: number, strays: string[]]
local jobs, set = KEYS[1], KEYS[2]
local repair, cursor, count = ARGV[1], ARGV[2], ARGV[3]
redis.call('ZREM', set, '')
local page = redis.call('ZSCAN', set, cursor, 'COUNT', count)
local entries, strays = page[2], {}
for i = 1, #entries, 2 do
  local id = entries[i]
  if redis.call('HEXISTS', jobs, id) == 0 then
    strays[#strays + 1] = id
    if repair == '1' then redis.call('ZREM', set, id) end
  end
end
return { page[1], #entries / 2, strays }
