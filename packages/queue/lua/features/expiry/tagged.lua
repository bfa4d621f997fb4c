-- Jobs without a deadline stand after all others (3298534883328 is a time in the year 2074).
-- @needs order, sequence, startBy, tag
  if order == 'deadline' then tag = startBy and math.min(startBy, @constant:noDeadlineFrom - 1) or @constant:noDeadlineFrom + sequence end
