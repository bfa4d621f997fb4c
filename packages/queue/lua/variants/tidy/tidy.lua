-- Recovers expired leases and applies retention.
-- @include recover
-- @include sweep
-- @needs judged, lost, meta, now, recover, stalled, sweep, whole
-- Nobody tidied for a while: the server was away, and no heartbeat could be heard. Living workers get a
-- moment to speak up before their leases are judged.
local tidied, spared = unpack(redis.call('HMGET', meta, 'tidied', 'spared'))
local untouched = math.min(now + @constant:recoveryPause, tonumber(spared) or 0)
if now - (tonumber(tidied) or 0) > @constant:untidiedLimit then untouched = now + @constant:recoveryPause end
redis.call('HSET', meta, 'tidied', whole(now), 'spared', whole(untouched))
if now >= untouched then recover(100) else judged = untouched end
sweep()
lost = stalled
-- @hook tidied
