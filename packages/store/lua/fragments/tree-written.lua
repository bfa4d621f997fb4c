-- After a write: a section whose leaves all end takes its keys along, so that nothing stays behind where
-- nobody looks again; and those who watch hear of it.
-- @needs allChanges, changes, expiring, expiry, hint, index, nodes, whole
-- @include hint
local function written(path)
  if expiring or redis.call('ZCARD', expiry) > 0 then
    local last = redis.call('ZREVRANGEBYSCORE', expiry, '+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if last[2] and redis.call('ZCARD', expiry) == redis.call('ZCARD', index) then
      local till = whole(tonumber(last[2]) + 1000)
      for _, key in ipairs({ nodes, index, expiry }) do redis.call('PEXPIREAT', key, till) end
    else
      for _, key in ipairs({ nodes, index, expiry }) do redis.call('PERSIST', key) end
    end
  end
  hint(changes, path)
  hint(allChanges, path)
end
