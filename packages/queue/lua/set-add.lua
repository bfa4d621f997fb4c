-- set-add: adds items to a sorted set, or changes their scores. Rest: pairs of score and item, at most 500;
-- the score '' is the server's time. `mode` is '' or a condition of ZADD. Answers the score that each item
-- has afterwards, nil for one that is not there (mode XX).
-- @role sets
-- @reply (string | null)[]
local set = KEYS[1]
local offset, mode = ARGV[1], ARGV[2]
-- @include now
-- @include whole
local entries, items = {}, {}
if mode ~= '' then entries[1] = mode end
for i = 3, #ARGV, 2 do
  local score = ARGV[i]
  if score == '' then score = whole(now) end
  entries[#entries + 1] = score
  entries[#entries + 1] = ARGV[i + 1]
  items[#items + 1] = ARGV[i + 1]
end
-- It adds, so with memory full it must be refused: no removal comes first.
redis.call('ZADD', set, unpack(entries))
return redis.call('ZMSCORE', set, unpack(items))
