-- set-page: the `limit` items (at most 500) that follow the place of `item` at `score`, whether or not it is still there; with `score` '' from the start.
-- Answers pairs of item and score: the last pair is the place for the next page, so what is removed between two pages makes none of the others slip by.
-- @reply string[]
local set = KEYS[1]
local score, item, limit = ARGV[1], ARGV[2], ARGV[3]
-- @include whole
-- Byte by byte, as the set orders equal scores; Lua's < goes by the locale of the server.
local function follows(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x > y end
  end
  return #a > #b
end
local first = 0
if score ~= '' then
  if redis.call('ZSCORE', set, item) == score then
    first = redis.call('ZRANK', set, item) + 1
  else
    -- Gone or moved: search where it stood among the items with its score.
    first = redis.call('ZCOUNT', set, '-inf', '(' .. score)
    local last = redis.call('ZCOUNT', set, '-inf', score)
    while first < last do
      local middle = math.floor((first + last) / 2)
      if follows(redis.call('ZRANGE', set, whole(middle), whole(middle))[1], item) then last = middle else first = middle + 1 end
    end
  end
end
return redis.call('ZRANGE', set, whole(first), whole(first + limit - 1), 'WITHSCORES')
