-- Who is blocked behind it goes on.
-- @needs id, release
release(id)
