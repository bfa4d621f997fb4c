-- set-take: removes the first `count` items (at most 10,000), as many of them as are 8 MiB together, with
-- `dueOnly` '1' only those whose score is not after now. Answers them in order. What is due stands at the
-- head of the set, so the ranks from 0 are those of the items that were read.
-- @role sets
-- @reply string[]
local set = KEYS[1]
local offset, dueOnly, count = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
-- @include within
local most = tonumber(count)
if dueOnly == '1' then most = math.min(most, redis.call('ZCOUNT', set, '-inf', whole(now))) end
local items = within(0, most, 1, function(from, to) return redis.call('ZRANGE', set, whole(from), whole(to)) end)
if #items > 0 then redis.call('ZREMRANGEBYRANK', set, 0, #items - 1) end
return items
