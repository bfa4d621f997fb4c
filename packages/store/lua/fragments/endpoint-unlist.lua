-- Takes a provider and its endpoints out of the registry. Answers whether any of them had a short address.
-- @needs names, providers
local function unlist(name)
  local listed = false
  for endpoint in string.gmatch(redis.call('HGET', providers, name) or '', '[^\n]+') do
    if redis.call('ZREM', names, endpoint .. '\n' .. name) == 1 then listed = true end
  end
  redis.call('HDEL', providers, name)
  return listed
end
