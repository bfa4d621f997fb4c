-- set-peek: the item at a rank and its score, with `dueOnly` '1' only if its score is not after now. Answers
-- nothing where there is none. Reached by rank and not by LIMIT, which would walk there item by item.
-- @role sets
-- @reply [item?: string, score?: string]
local set = KEYS[1]
local offset, dueOnly, position = ARGV[1], ARGV[2], ARGV[3]
-- @include now
-- @include whole
if dueOnly == '1' and redis.call('ZCOUNT', set, '-inf', whole(now)) <= tonumber(position) then return {} end
return redis.call('ZRANGE', set, position, position, 'WITHSCORES')
