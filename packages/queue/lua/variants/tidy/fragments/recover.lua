-- Leases past their deadline. While the worker's heartbeat holds, the lease moves on with it; else the job
-- goes back to the place it came from, one stall richer, and with the time anew that it has to start. A
-- suspect (stalled before, as often as its worker says in the lease) whose handler had not started is not
-- blamed: its neighbour took the worker down.
-- @needs active, advance, jobs, leases, leaveActive, makeReady, now, rank, state, stateOf, stateRow, tell, whole, workers
-- @include active
-- @include rank
-- @include ready
-- @include state-row
-- @include sequence
-- @include tell
local stalled = {}
local function recover(limit)
  local expired = redis.call('ZRANGEBYSCORE', active, '-inf', whole(now), 'LIMIT', 0, limit)
  if #expired == 0 then return end
  local rows = redis.call('HMGET', leases, unpack(expired))
  local states = redis.call('HMGET', state, unpack(expired))
  local held, back, changed, heartbeats = {}, {}, {}, {}
  for i, id in ipairs(expired) do
    local holder, place, suspectFrom = string.match(rows[i] or '', '^%d+ (%S+) (%-?%d+) (%d)$')
    if holder and heartbeats[holder] == nil then heartbeats[holder] = tonumber(redis.call('ZSCORE', workers, holder) or 0) end
    if holder and heartbeats[holder] > now then
      held[#held + 1] = whole(heartbeats[holder])
      held[#held + 1] = id
    else
      local attempts, stalls, due, fence, tail = stateOf(states[i])
      if attempts and (not suspectFrom or suspectFrom == '0' or tonumber(stalls) < tonumber(suspectFrom)) then
        changed[#changed + 1] = id
        changed[#changed + 1] = stateRow(attempts, whole(stalls + 1), due, fence, tail)
        stalled[#stalled + 1] = id
      end
      -- @hook recovered
      back[#back + 1] = id
      -- Without a lease that can be read nobody knows its place: it goes where it would be had it become
      -- ready now.
      if not place then
        local startBy = nil
        -- @hook ranked
        place = rank(redis.call('HGET', jobs, id) or '', advance(1), startBy)
      end
      back[#back + 1] = place
    end
  end
  if #held > 0 then redis.call('ZADD', active, 'XX', unpack(held)) end
  if #back == 0 then return end
  local ids, entries = {}, {}
  for i = 1, #back, 2 do
    ids[#ids + 1] = back[i]
    entries[#entries + 1] = back[i + 1]
    entries[#entries + 1] = back[i]
  end
  leaveActive(ids)
  makeReady(entries)
  if #changed > 0 then redis.call('HSET', state, unpack(changed)) end
  tell(ids)
end
