-- How many entries a page may have, at most `count`: as many of the longest as fit into 4 MB (see longest): a
-- scan may answer with more than were asked for.
-- @needs meta, whole
-- @include whole
local function few(count)
  local longest = tonumber(redis.call('HGET', meta, 'longest')) or @constant:longRow
  if not (longest > @constant:longRow) then longest = @constant:longRow end
  return whole(math.max(1, math.min(tonumber(count), math.floor(@constant:pageBytes / longest))))
end
