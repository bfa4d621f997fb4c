-- Jobs that wait for another one of their key.
-- @needs blocked, keys
keys.blocked = blocked
