-- The server's clock in ms, moved by the store's clockOffset; `microseconds` is the same clock, for fences.
-- @needs offset
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + offset
local microseconds = time[1] * 1000000 + time[2] + offset * 1000
