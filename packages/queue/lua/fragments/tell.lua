-- Tells who watches these jobs that they have moved.
-- @needs channel, hint, now, watchers
-- @include hint
local function tell(ids)
  if #ids == 0 or redis.call('EXISTS', watchers) == 0 then return end
  local untils = redis.call('HMGET', watchers, unpack(ids))
  local left = {}
  for i, id in ipairs(ids) do
    if untils[i] and (tonumber(untils[i]) or 0) > now then
      hint(channel, 'm' .. id .. '\n')
    elseif untils[i] then
      left[#left + 1] = id
    end
  end
  if #left > 0 then redis.call('HDEL', watchers, unpack(left)) end
end
