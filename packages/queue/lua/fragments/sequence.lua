-- Counts on in `sequence`, which numbers the jobs that become ready; answers the last number. What is no such
-- number, since another client wrote it, counts as the time in seconds: no queue has had as many jobs. (A
-- failed HINCRBY changes nothing.)
-- @needs meta, now, whole
-- @include whole
local function advance(count)
  local reached = redis.pcall('HINCRBY', meta, 'sequence', count)
  if type(reached) == 'number' and reached >= count and reached < @constant:sequenceLimit then return reached end
  reached = math.floor(now / 1000) + count
  redis.call('HSET', meta, 'sequence', whole(reached))
  return reached
end
