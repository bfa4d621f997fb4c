-- A key that was held for a time is free.
-- @needs mark, name, unique
    if mark == 'unique' then redis.call('HDEL', unique, 'k' .. name) end
