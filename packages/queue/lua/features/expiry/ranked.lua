-- @needs deadlineOf, id, startBy
startBy = deadlineOf(id)
