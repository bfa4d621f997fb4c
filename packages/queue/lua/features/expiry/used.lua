-- Jobs with a time to start.
-- @needs deadlines, used
if redis.call('EXISTS', deadlines) == 1 then used[#used + 1] = 'expiry' end
