-- Jobs that have not started by their deadline fail, with the error that ExpiredError is.
-- @needs beginEnds, blocked, cancels, deadlines, ended, jobs, now, optionsOf, ready, scheduled, state, stateOf, stateRow, waiters, whole, writeEnds
-- @include deadlines
-- @include ends
-- @include state-row
local expiredTail = '{"error":{"name":"ExpiredError","message":"the job did not start within expiresIn of being due","code":"RIPEN_EXPIRED"}}'
-- Id, row and state row of each.
local expired = {}
local function expire(ids)
  local rows, states = redis.call('HMGET', jobs, unpack(ids)), redis.call('HMGET', state, unpack(ids))
  local awaited = redis.call('HMGET', waiters, unpack(ids))
  redis.call('ZREM', deadlines, unpack(ids))
  redis.call('HDEL', cancels, unpack(ids))
  beginEnds()
  for i, id in ipairs(ids) do
    local waited = redis.call('ZREM', ready, id) + redis.call('ZREM', scheduled, id) + redis.call('ZREM', blocked, id) > 0
    if waited and rows[i] then
      local attempts, stalls, due, fence = stateOf(states[i])
      local row = stateRow(attempts or '0', stalls or '0', due or '', fence or '', expiredTail)
      local retain = (optionsOf(rows[i]) or {}).retain
      local keep = type(retain) == 'table' and retain.failed
      if keep == false and type(retain) == 'table' then keep = '0' else keep = type(keep) == 'number' and keep >= 0 and keep < math.huge and whole(keep) or '' end
      ended(id, 'f', keep, row, fence or '', awaited[i])
      expired[#expired + 1] = id
      expired[#expired + 1] = rows[i]
      expired[#expired + 1] = row
    end
  end
  writeEnds()
end

-- Those whose time is over, at most `limit`. Answers whether there may be more of them.
local function expireLate(limit)
  local late = redis.call('ZRANGEBYSCORE', deadlines, '-inf', whole(now), 'LIMIT', 0, limit)
  if #late > 0 then expire(late) end
  return #late == limit
end
