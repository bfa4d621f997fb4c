-- What is stored of a channel. `text` is false where it is not initialised; the epoch may then be there all the same, from before a delete.
-- @include whole
local state = redis.call('HMGET', channel, 'value', 'rev', 'epoch', 'created', 'updated', 'last')
local text, rev, epoch = state[1], tonumber(state[2] or 0), tonumber(state[3] or 0)
local created, updated = tonumber(state[4] or 0), tonumber(state[5] or 0)
