-- Takes a provider and its endpoints out of the registry.
local function unlist(name)
  for endpoint in string.gmatch(redis.call('HGET', providers, name) or '', '[^\n]+') do
    redis.call('ZREM', names, endpoint .. '\n' .. name)
  end
  redis.call('HDEL', providers, name)
end
