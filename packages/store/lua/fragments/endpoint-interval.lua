-- The interval of an endpoint's schedule in ms: what was set at run time, in seconds, before what the configuration says.
local function intervalOf(endpoint, configured)
  local setting = redis.call('HGET', settings, endpoint .. '.schedule_interval')
  if setting then return math.floor(tonumber(setting) * 1000 + 0.5) end
  return tonumber(configured)
end
