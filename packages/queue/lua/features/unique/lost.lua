-- @needs id, release
release(id)
