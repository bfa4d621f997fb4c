-- Jobs may end though nothing is reported.
-- @keys workers
-- @needs ending
ending = true
