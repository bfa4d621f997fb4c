-- open: a client says hello to a queue. Called once by each Queue and each Worker, before anything else. A
-- queue in which there is nothing comes to rest, also when a worker has died there: who opens it and does not
-- use it leaves nothing behind. Answers the order of the queue, and the features that it uses, with those
-- that its settings need.
-- @role producer, scheduler, operator, doctor, worker
-- @reply [order: string, features: string]
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, layout, order, retain, features = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- @include now
-- @include whole
local values = redis.call('HMGET', meta, 'layout', 'order', 'retain', 'features')
if values[1] and values[1] ~= layout then
  return redis.error_reply(((tonumber(values[1]) or 0) > tonumber(layout) and 'LAYOUT_TOO_NEW ' or 'LAYOUT_TOO_OLD ') .. values[1])
end
if values[2] and order ~= '' and values[2] ~= order then return redis.error_reply('OTHER_ORDER ' .. values[2]) end
redis.call('HDEL', meta, '')
if order == '' then order = values[2] or 'fifo' end
if retain == '' then retain = values[3] or '' end
redis.call('HSET', meta, 'layout', layout, 'order', order, 'retain', retain)
-- A field longer than a listpack takes: a small hash that is emptied and filled again all day would be
-- searched entry by entry (2.5 times the work at concurrency 10).
redis.call('HSET', leases, '', string.rep('-', 80))
-- @include join-features
features = joinFeatures(values[4], features)
-- @include rest
return { order, features }
