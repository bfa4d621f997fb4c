-- Takes up to `want` jobs. Jobs of one priority leave together; a released job goes back to the score of the
-- first of its segment plus its position, which keeps their order and passes nobody: scores of a segment are
-- distinct and grow by one at least. (ZRANGE without scores: printing them costs a sixth of the script.)
-- Nothing is taken while there are late jobs: one of them could be among it.
-- A score that no job has, since another client wrote it, gives way to the one that the job would have had it
-- become ready now.
-- @needs active, advance, jobs, lastEnd, lastFence, lease, leases, longRow, makeReady, meta, microseconds, now, paused, rank, ready, room, state, suspectAt, tell, want, whole, worker
-- @include rank
-- @include ready
-- @include sequence
-- @include tell
local reach = (@constant:mostPriority + 1) * @constant:priorityBand
local function take(late)
  if want == 0 or paused or late then return {}, '', {}, {}, '', 0 end
  -- Only where the longest jobs would be too much for one answer they are measured. What is left out lets the
  -- worker look again at once: it counts as full, and passes the token on.
  if longRow and 2 * longRow * want > room then
    -- One job at least, unless there is something else in the answer.
    local least = room == @constant:answerBytes and 1 or 0
    for i, id in ipairs(redis.call('ZRANGE', ready, 0, want - 1)) do
      room = room - redis.call('HSTRLEN', jobs, id) - redis.call('HSTRLEN', state, id)
      if room < 0 then
        want = math.max(least, i - 1)
        break
      end
    end
  end
  local last = tonumber(lastFence) or 0
  -- A fence has sixteen digits; another client may have written more.
  if last > @constant:fenceLimit then last = 0 end
  local fence = whole(math.max(microseconds, last + 1))
  local deadline = whole(now + lease)
  local segments, ids, entries, holds, size, mended = {}, {}, {}, {}, 0, 0
  -- @hook taking
  while size + mended < want do
    local head = redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')
    if #head == 0 then break end
    local first = tonumber(head[2])
    if first < -reach or first >= reach then
      local id, startBy = head[1], nil
      -- @hook ranked
      makeReady({ rank(redis.call('HGET', jobs, id) or '', advance(1), startBy), id })
      mended = mended + 1
    else
      local ceiling = (math.floor(first / @constant:priorityBand) + 1) * @constant:priorityBand
      local members = redis.call('ZRANGE', ready, 0, want - size - 1)
      local count = #members
      if tonumber(redis.call('ZSCORE', ready, members[count])) >= ceiling then count = redis.call('ZCOUNT', ready, '-inf', '(' .. whole(ceiling)) end
      redis.call('ZREMRANGEBYRANK', ready, 0, count - 1)
      local row = fence .. ' ' .. worker .. ' ' .. whole(first) .. ' ' .. suspectAt
      for i = 1, count do
        local id, at = members[i], 2 * size
        size = size + 1
        ids[size] = id
        entries[at + 1] = deadline
        entries[at + 2] = id
        holds[at + 1] = id
        holds[at + 2] = row
      end
      segments[#segments + 1] = count .. ' ' .. whole(first)
    end
  end
  if size == 0 then return {}, '', {}, {}, '', 0 end
  redis.call('ZADD', active, unpack(entries))
  redis.call('HSET', leases, unpack(holds))
  redis.call('HSET', meta, 'fence', fence, 'ended', whole(lastEnd))
  -- @hook taken
  tell(ids)
  local rows = redis.call('HMGET', jobs, unpack(ids))
  local states = {}
  if redis.call('EXISTS', state) == 1 then
    local found = redis.call('HMGET', state, unpack(ids))
    for i = 1, size do
      if found[i] then
        states[#states + 1] = i
        states[#states + 1] = found[i]
      end
    end
  end
  return segments, cjson.encode(ids), rows, states, fence, size
end
