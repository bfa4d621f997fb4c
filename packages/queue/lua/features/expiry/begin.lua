-- Whether any job has a time until which it may start.
-- @needs deadlines, ending
local expiring = redis.call('EXISTS', deadlines) == 1
ending = ending or expiring
