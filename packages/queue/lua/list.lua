-- list: a page of ids of one state, from `score` on (in either direction), leaving out the first `skip` with exactly that score. Answers pairs of id and score.
-- @reply string[]
local set = KEYS[1]
local reverse, limit, score, skip = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if reverse == '1' then return redis.call('ZREVRANGEBYSCORE', set, score, '-inf', 'WITHSCORES', 'LIMIT', skip, limit) end
return redis.call('ZRANGEBYSCORE', set, score, '+inf', 'WITHSCORES', 'LIMIT', skip, limit)
