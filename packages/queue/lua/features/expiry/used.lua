-- Jobs with a time to start, and a queue that is in the order of such times.
-- @needs deadlines, meta, used
if redis.call('EXISTS', deadlines) == 1 or redis.call('HGET', meta, 'order') == 'deadline' then used[#used + 1] = 'expiry' end
