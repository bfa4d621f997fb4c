-- The features that a queue uses are named in `meta`, sorted, from the first call on that brings one. Answers
-- the names as they are now.
-- @param stored as `meta` has them, or nothing
-- @needs meta
local function joinFeatures(stored, wanted)
  local found, names = ' ' .. (stored or '') .. ' ', {}
  for name in string.gmatch(wanted, '%S+') do
    if not string.find(found, ' ' .. name .. ' ', 1, true) then found = found .. name .. ' ' end
  end
  for name in string.gmatch(found, '%S+') do names[#names + 1] = name end
  table.sort(names)
  local text = table.concat(names, ' ')
  if text ~= (stored or '') then redis.call('HSET', meta, 'features', text) end
  return text
end
