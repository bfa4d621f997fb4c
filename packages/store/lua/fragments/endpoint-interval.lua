-- The interval of an endpoint's schedule in ms: what was set at run time, in seconds, before what the
-- configuration says.
-- @needs settings
local function intervalOf(endpoint, configured)
  local setting = redis.call('HGET', settings, endpoint .. '.schedule_interval')
  local seconds = tonumber(setting or nil)
  -- Another client may have written what is no time.
  if seconds and math.abs(seconds) < 4000000000 then return math.floor(seconds * 1000 + 0.5) end
  return tonumber(configured)
end
