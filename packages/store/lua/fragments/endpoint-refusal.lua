-- How the lock that is held takes `key`: 0, or the return code with which it refuses; 307 without the right
-- one ('' none), 308 when it is malformed ('!').
-- @needs key
local function refusal(held)
  if not held or held == key then return 0 end
  if key == '!' then return 308 end
  return 307
end
