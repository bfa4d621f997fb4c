-- Times in ms are below this (2^44, in the year 2527): what is more was written by another client and is no time.
local latestTime = 17592186044416
