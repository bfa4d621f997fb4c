-- At most one token lies in `wake`: a hint that a free worker should look.
-- @needs wake
local function alert()
  if redis.call('LLEN', wake) == 0 then redis.call('RPUSH', wake, '1') end
end
