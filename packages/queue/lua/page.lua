-- page: up to `limit` members (at most 1,000) of a sorted set: those that follow the place of `member` at
-- `score`, whether or not it is still there, with `reverse` '1' those before it, last first; with `score` ''
-- from the start. Called by getJobs, by the iterator of sorted sets, and by a worker that compares leases.
-- Answers pairs of member and score: the last pair is the place for the next page, so what is removed between
-- two pages makes none of the others slip by. Only an empty page, for members of bounded length also a short
-- one, is the last.
-- @role reader, operator, worker, sets
-- @reply string[]
local set = KEYS[1]
local reverse, limit, score, member = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include whole
-- @include within
-- Byte by byte, as the set orders equal scores; Lua's < goes by the locale of the server.
local function follows(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x > y end
  end
  return #a > #b
end
-- The first rank at or after the place, and whether the member stands there.
local function place()
  if redis.call('ZSCORE', set, member) == score then return redis.call('ZRANK', set, member), true end
  -- Gone or moved: search where it stood among the members with its score.
  local first = redis.call('ZCOUNT', set, '-inf', '(' .. score)
  local last = redis.call('ZCOUNT', set, '-inf', score)
  while first < last do
    local middle = math.floor((first + last) / 2)
    if follows(redis.call('ZRANGE', set, whole(middle), whole(middle))[1], member) then last = middle else first = middle + 1 end
  end
  return first, false
end
local rank, there = 0, false
if score ~= '' then rank, there = place() end
if reverse == '1' then
  local skipped = 0
  if score ~= '' then skipped = redis.call('ZCARD', set) - rank end
  return within(skipped, tonumber(limit), 2, function(from, to) return redis.call('ZREVRANGE', set, whole(from), whole(to), 'WITHSCORES') end)
end
if there then rank = rank + 1 end
return within(rank, tonumber(limit), 2, function(from, to) return redis.call('ZRANGE', set, whole(from), whole(to), 'WITHSCORES') end)
