-- The queue is used, so what it has kept in its rest (see rest) does not end any more.
for _, key in ipairs({ meta, sessions, expiry, readded, unique }) do redis.call('PERSIST', key) end
