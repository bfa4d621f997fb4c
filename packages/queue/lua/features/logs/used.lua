-- Lines of jobs.
-- @needs logs, used
if redis.call('EXISTS', logs) == 1 then used[#used + 1] = 'logs' end
