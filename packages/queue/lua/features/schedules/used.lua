-- Schedules, whether or not they run.
-- @needs schedules, ticks, used
if redis.call('EXISTS', schedules, ticks) > 0 then used[#used + 1] = 'schedules' end
