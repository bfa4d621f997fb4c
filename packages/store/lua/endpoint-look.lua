-- endpoint-look: what there is to do for the nodes of a provider. Each calls it when it was woken, when a
-- schedule is due, and once a second. Answers the time, pairs of what is due and since when, when the next is
-- due ('' for never), and requests that nobody has taken.
-- @role steered worker, endpoints
-- @reply [now: string, due: string[], next: string, pending: string[]]
local requests, pending, deadlines, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local offset = ARGV[1]
-- @include now
-- @include whole
-- @include endpoint-expire
local ticks = redis.call('ZRANGEBYSCORE', due, '-inf', whole(now), 'WITHSCORES', 'LIMIT', 0, 100)
local after = redis.call('ZRANGEBYSCORE', due, '(' .. whole(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return { whole(now), ticks, after[2] or '', redis.call('ZRANGEBYSCORE', pending, '(' .. whole(now), '+inf', 'LIMIT', 0, 100) }
