-- A message is a hint: who misses it looks by himself. One that the server refuses must not end a script that has begun to write.
local function hint(channel, message)
  redis.pcall('PUBLISH', channel, message)
end
