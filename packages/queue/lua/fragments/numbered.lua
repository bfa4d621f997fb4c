-- The call of a lane (see add): one that was applied before is answered as it was then, and changes nothing.
-- Answers -1 when nobody has opened the queue: it has ended in its rest (see rest), and whoever calls opens
-- it again.
-- @needs copied, meta
-- @include copied
local before = copied()
if before then return tonumber(before) or 0 end
if redis.call('HEXISTS', meta, 'layout') == 0 then return -1 end
