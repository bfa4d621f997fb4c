-- The order of the queue asks for it.
-- @needs meta, used
local order = redis.call('HGET', meta, 'order')
if order == 'deadline' or order == 'scorer' then used[#used + 1] = 'ties' end
