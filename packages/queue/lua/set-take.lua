-- set-take: removes the first `count` items (at most 10,000), with `dueOnly` '1' only those whose score is not after now. Answers them in order.
-- What is due stands at the head of the set, so the ranks from 0 are those of the items that were read.
-- @reply string[]
local set = KEYS[1]
local offset, dueOnly, count = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
local latest = '+inf'
if dueOnly == '1' then latest = whole(now) end
local items = redis.call('ZRANGEBYSCORE', set, '-inf', latest, 'LIMIT', 0, count)
if #items > 0 then redis.call('ZREMRANGEBYRANK', set, 0, #items - 1) end
return items
