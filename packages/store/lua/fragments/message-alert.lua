-- At most one token lies in `wake`: a hint that somebody who waits should look.
-- @needs list, wake
local function alert()
  if redis.call('LLEN', list) > 0 and redis.call('LLEN', wake) == 0 then redis.call('RPUSH', wake, '1') end
end
