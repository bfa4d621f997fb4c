-- A message is a hint: a client that misses it looks for itself. One that the server refuses must not end a
-- script that has begun to write.
local function hint(channel, message)
  redis.pcall('PUBLISH', channel, message)
end
