-- By deadline or by a scorer jobs may have the same score: each is a segment.
-- @needs advance, deadline, entries, fence, holds, ids, jobs, mended, rank, reach, ready, segments, size, suspectAt, want, whole, worker
  local found = {}
  if want > 0 then found = redis.call('ZRANGE', ready, 0, want - 1, 'WITHSCORES') end
  for i = 1, #found, 2 do
    local score = tonumber(found[i + 1])
    local place = whole(score)
    if score < -reach or score >= reach then
      local id, startBy = found[i], nil
      -- @hook ranked
      place = rank(redis.call('HGET', jobs, id) or '', advance(1), startBy)
    end
    size = size + 1
    ids[size] = found[i]
    entries[i] = deadline
    entries[i + 1] = found[i]
    holds[i] = found[i]
    holds[i + 1] = fence .. ' ' .. worker .. ' ' .. place .. ' ' .. suspectAt
    segments[size] = '1 ' .. place
  end
  if size > 0 then redis.call('ZREMRANGEBYRANK', ready, 0, size - 1) end
  mended = want
