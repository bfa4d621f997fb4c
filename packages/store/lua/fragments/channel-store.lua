-- Stores what has become of a channel, and tells who watches it. It ends `expire` ms from now; '' for never.
-- @needs changes, channel, created, epoch, expire, hint, remembered, rev, text, updated, whole
-- @include hint
redis.call('HSET', channel, 'value', text, 'rev', whole(rev), 'epoch', whole(epoch), 'created', whole(created), 'updated', whole(updated), 'last', remembered)
if expire ~= '' then redis.call('PEXPIRE', channel, expire) else redis.call('PERSIST', channel) end
hint(changes, whole(epoch) .. ' ' .. whole(rev))
