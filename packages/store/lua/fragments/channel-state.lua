-- What is stored of a channel. `text` is false where it is not initialised; the epoch may then be there all
-- the same, from before a delete.
-- @needs channel, digits
-- @include whole
-- @include digits
local stored = redis.call('HMGET', channel, 'value', 'rev', 'epoch', 'created', 'updated', 'last')
local text, rev, epoch = stored[1], digits(stored[2]), digits(stored[3])
local created, updated = digits(stored[4]), digits(stored[5])
