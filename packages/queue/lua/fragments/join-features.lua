-- The features that a queue uses are named in `meta`, sorted, from the first call on that brings one. Answers
-- the names as they are now.
-- @param stored as `meta` has them, or nothing
-- @needs meta
local function joinFeatures(stored, wanted)
  local seen, names = {}, {}
  for name in string.gmatch((stored or '') .. ' ' .. wanted, '%S+') do
    if not seen[name] then names[#names + 1] = name end
    seen[name] = true
  end
  table.sort(names)
  local text = table.concat(names, ' ')
  if text ~= (stored or '') then redis.call('HSET', meta, 'features', text) end
  return text
end
