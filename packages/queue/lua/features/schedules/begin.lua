-- How many schedules the caller is told are due.
-- @keys schedules, ticks
local runs = 0
