-- The queue is used, so what it has kept in its rest (see rest) does not end any more.
-- @needs expiry, meta, readded, sessions
for _, key in ipairs({ meta, sessions, expiry, readded }) do redis.call('PERSIST', key) end
-- @hook roused
