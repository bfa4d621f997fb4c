-- endpoint-register: tells which endpoints a provider has and on which node it runs ('' for none). Called
-- when a provider starts, after a reconnect, and every minute.
-- Forgets, at most 100 a time, what was silent for `keep` ms. `endpoints` is joined by newlines; with
-- `transient` '1' they have no short addresses. Answers which other providers were forgotten, and which of
-- them had no short addresses either.
-- @role steered worker, endpoints
-- @reply [forgotten: string[], transient: string[]]
local providers, names, seen = KEYS[1], KEYS[2], KEYS[3]
local offset, provider, node, endpoints, transient, keep = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
-- @include now
-- @include whole
-- @include endpoint-unlist
local forgotten, passing = {}, {}
redis.call('ZREM', seen, '')
for _, member in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', whole(now - tonumber(keep)), 'LIMIT', 0, 100)) do
  redis.call('ZREM', seen, member)
  if not string.find(member, '\n', 1, true) then
    local listed = unlist(member)
    if member ~= provider then forgotten[#forgotten + 1] = member end
    if member ~= provider and not listed then passing[#passing + 1] = member end
  end
end
unlist(provider)
redis.call('HSET', providers, provider, endpoints)
if transient ~= '1' then
  for endpoint in string.gmatch(endpoints, '[^\n]+') do
    redis.call('ZADD', names, 0, endpoint .. '\n' .. provider)
  end
end
redis.call('ZADD', seen, whole(now), provider)
if node ~= '' then redis.call('ZADD', seen, whole(now), provider .. '\n' .. node) end
return { forgotten, passing }
