-- Where jobs are ranked by deadline.
-- @needs deadlineOf, id, startBy
startBy = deadlineOf(id)
