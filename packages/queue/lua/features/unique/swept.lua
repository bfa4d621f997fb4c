-- A key that was held for a time is free.
-- @needs mark, name, unique
    if mark == 'u' then redis.call('HDEL', unique, 'k' .. name) end
