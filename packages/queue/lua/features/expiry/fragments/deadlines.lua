-- Until when jobs may start: `deadlines` has id → ms, for jobs with an `expiresIn` that have not ended; plus
-- `startedBand` while the job is active, since it has started in time then.
-- @needs deadlines, jobs, optionsOf, order, whole
-- @include options
-- @include whole

-- @param life expiresIn in ms; nothing for a job that may start at any time.
local function deadlineFrom(due, life)
  return life and life >= 0 and math.min(due + life, @constant:timeLimit - 1)
end

-- What rank() wants to know of a job that has its deadline.
local function deadlineOf(id)
  return order == 'deadline' and tonumber(redis.call('ZSCORE', deadlines, id) or nil) or nil
end

-- The job is due anew: its time begins again. @param row nothing: it is looked up. Answers its deadline, if
-- it has one; not of a row that cannot be read: who takes it finds that.
local function rearm(id, due, row)
  local options = optionsOf(row or redis.call('HGET', jobs, id) or '') or {}
  local startBy = deadlineFrom(due, tonumber(options.expiresIn))
  if startBy then redis.call('ZADD', deadlines, whole(startBy), id) else redis.call('ZREM', deadlines, id) end
  return startBy
end

-- Positions and deadlines of those of these jobs that have one, in pairs.
local function deadlinesOf(ids)
  local found = redis.call('ZMSCORE', deadlines, unpack(ids))
  local positions = {}
  for i = 1, #ids do
    if found[i] then
      positions[#positions + 1] = i
      positions[#positions + 1] = tonumber(found[i])
    end
  end
  return positions
end
