-- What this call is answered with, for a copy of it (see copied). A session in use is renewed about once a
-- minute; see sweep.
-- @needs answer, expiry, lane, now, number, renew, sessions, whole
redis.call('HSET', sessions, lane, number .. ' ' .. answer)
if renew ~= '' then redis.call('ZADD', expiry, whole(now + @constant:laneMemory), renew) end
