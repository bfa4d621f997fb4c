-- doctor-deadlines: judges a page of `deadlines`: each is of a job that has not ended, and counts as met
-- while the job is active, and only then.
-- Called by verifyQueue as doctor-jobs. With `repair` '1' that of a job that has ended or is gone is removed,
-- as is what is no time at all, and the other ones are set right. Answers the cursor, how many it has seen,
-- and the ids of those that are not as they should be.
-- @role doctor
-- @reply [cursor: string, seen: number, strays: string[]]
local scheduled, ready, active, blocked, deadlines = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local repair, cursor, count = ARGV[1], ARGV[2], ARGV[3]
-- @include whole
redis.call('ZREM', deadlines, '')
local page = redis.call('ZSCAN', deadlines, cursor, 'COUNT', count)
local entries, strays = page[2], {}
for i = 1, #entries, 2 do
  local id, score = entries[i], tonumber(entries[i + 1])
  local started = redis.call('ZSCORE', active, id) and true or false
  local waits = redis.call('ZSCORE', scheduled, id) or redis.call('ZSCORE', ready, id) or redis.call('ZSCORE', blocked, id)
  if (not started and not waits) or started ~= (score >= @constant:timeLimit) then
    strays[#strays + 1] = id
    local time = score >= @constant:timeLimit and score - @constant:timeLimit or score
    if repair == '1' and ((not started and not waits) or time < 0 or time >= @constant:timeLimit) then
      redis.call('ZREM', deadlines, id)
    elseif repair == '1' then
      redis.call('ZADD', deadlines, whole(started and time + @constant:timeLimit or time), id)
    end
  end
end
return { page[1], #entries / 2, strays }
