-- doctor-ticks: judges a page of `ticks`: who is to run is a schedule that is there and not paused. Called by
-- verifyQueue as doctor-jobs. With `repair` '1' others are removed. Answers the cursor, how many it has seen,
-- and the ids of the others.
-- @role doctor
-- @reply [cursor: string, seen: number, strays: string[]]
local schedules, ticks = KEYS[1], KEYS[2]
local repair, cursor, count = ARGV[1], ARGV[2], ARGV[3]
redis.call('ZREM', ticks, '')
local page = redis.call('ZSCAN', ticks, cursor, 'COUNT', count)
local entries, strays = page[2], {}
for i = 1, #entries, 2 do
  local id = entries[i]
  local row = redis.call('HGET', schedules, id)
  if not row or string.match(row, '^%d+;1;') then
    strays[#strays + 1] = id
    if repair == '1' then redis.call('ZREM', ticks, id) end
  end
end
return { page[1], #entries / 2, strays }
