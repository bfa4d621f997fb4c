-- doctor-logs: judges a page of `logs`: lines belong to a job that is there. Called by verifyQueue as
-- doctor-jobs. With `repair` '1' others are removed. A page has at most 60 rows, which are at most 4 MB.
-- Answers the cursor, how many it has seen, and the ids of the others.
-- @role doctor
-- @reply [cursor: string, seen: number, strays: string[]]
local jobs, logs = KEYS[1], KEYS[2]
local repair, cursor, count = ARGV[1], ARGV[2], ARGV[3]
-- @include whole
redis.call('HDEL', logs, '')
local page = redis.call('HSCAN', logs, cursor, 'COUNT', whole(math.min(60, tonumber(count))))
local rows, strays = page[2], {}
for i = 1, #rows, 2 do
  local id = rows[i]
  if redis.call('HEXISTS', jobs, id) == 0 then
    strays[#strays + 1] = id
    if repair == '1' then redis.call('HDEL', logs, id) end
  end
end
return { page[1], #rows / 2, strays }
