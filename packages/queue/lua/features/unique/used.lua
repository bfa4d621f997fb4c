-- Keys that are held, and who waits for one.
-- @needs blocked, unique, used
if redis.call('EXISTS', unique, blocked) > 0 then used[#used + 1] = 'unique' end
