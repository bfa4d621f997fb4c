-- open: a client says hello to a queue. Called once by each Queue and each Worker, before anything else.
-- Answers the number of the session (never handed out twice: it grows with the clock, also when the server lost its last writes), the order of the queue, its retention, the time.
-- @reply [session: number, order: string, retain: string, now: string]
local leases, meta = KEYS[1], KEYS[2]
local offset, layout, order, retain = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include now
-- @include whole
local values = redis.call('HMGET', meta, 'layout', 'order', 'retain', 'session')
if values[1] and tonumber(values[1]) > tonumber(layout) then return redis.error_reply('LAYOUT_TOO_NEW ' .. values[1]) end
if values[2] and order ~= '' and values[2] ~= order then return redis.error_reply('OTHER_ORDER ' .. values[2]) end
local session = math.max(tonumber(values[4] or 0) + 1, math.floor(time[1]) - 1735689600)
redis.call('HDEL', meta, '')
if order == '' then order = values[2] or 'fifo' end
if retain == '' then retain = values[3] or '' end
redis.call('HSET', meta, 'layout', values[1] or layout, 'order', order, 'retain', retain, 'session', whole(session))
-- A field longer than a listpack takes: a small hash that is emptied and filled again all day would be searched entry by entry (2.5 times the work at concurrency 10).
redis.call('HSET', leases, '', string.rep('-', 80))
return { session, order, retain, whole(now) }
