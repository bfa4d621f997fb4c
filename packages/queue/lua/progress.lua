-- progress: stores the last progress of active jobs, for a batch of them, at most ten times a second. Rest: triples of id, fence, state row. A lost lease stores nothing.
-- @reply number
local leases, state = KEYS[1], KEYS[2]
redis.call('HDEL', state, '')
local stored = 0
for i = 1, #ARGV, 3 do
  local id, fence, row = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local lease = redis.call('HGET', leases, id)
  if lease and string.sub(lease, 1, 16) == fence then
    redis.call('HSET', state, id, row)
    stored = stored + 1
  end
end
return stored
