-- @needs blocked, keys
keys.blocked = blocked
