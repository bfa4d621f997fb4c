-- doctor-logs: judges a page of `logs`: lines belong to a job that is there, and are those that their row
-- tells of. Called by verifyQueue as doctor-jobs. With `repair` '1' other rows are removed. A page has at
-- most 60 rows, which are at most 4 MB. Answers the cursor, how many it has seen, the ids without a job, and
-- those whose row cannot be true.
-- @role doctor
-- @reply [cursor: string, seen: number, strays: string[], broken: string[]]
local jobs, logs = KEYS[1], KEYS[2]
local repair, cursor, count = ARGV[1], ARGV[2], ARGV[3]
-- @include whole
-- @include log-row
redis.call('HDEL', logs, '')
local page = redis.call('HSCAN', logs, cursor, 'COUNT', whole(math.min(60, tonumber(count))))
local rows, strays, broken = page[2], {}, {}
for i = 1, #rows, 2 do
  local id = rows[i]
  local list = redis.call('HEXISTS', jobs, id) == 0 and strays or not logRow(rows[i + 1]) and broken
  if list then
    list[#list + 1] = id
    if repair == '1' then redis.call('HDEL', logs, id) end
  end
end
return { page[1], #rows / 2, strays, broken }
