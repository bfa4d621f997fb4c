-- What is stored of a channel. `text` is false where it is not initialised; the epoch may then be there all the same, from before a delete.
-- @include whole
local stored = redis.call('HMGET', channel, 'value', 'rev', 'epoch', 'created', 'updated', 'last')
local text, rev, epoch = stored[1], tonumber(stored[2] or 0), tonumber(stored[3] or 0)
local created, updated = tonumber(stored[4] or 0), tonumber(stored[5] or 0)
