-- @keys schedules, ticks
-- How many schedules the caller is told are due.
local runs = 0
