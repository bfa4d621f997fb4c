-- doctor-features: the features whose keys hold something, and which are not named in `meta`: scripts without
-- them would not see it. Called by verifyQueue. With `repair` '1' they are named.
-- @role doctor
-- @reply string[]
local meta = KEYS[1]
local repair = ARGV[1]
-- @include join-features
local used = {}
-- @hook used
local stored = redis.call('HGET', meta, 'features')
local missing = {}
for _, name in ipairs(used) do
  if not string.find(' ' .. (stored or '') .. ' ', ' ' .. name .. ' ', 1, true) then missing[#missing + 1] = name end
end
redis.call('HDEL', meta, '')
if repair == '1' and #missing > 0 then joinFeatures(stored, table.concat(missing, ' ')) end
return missing
