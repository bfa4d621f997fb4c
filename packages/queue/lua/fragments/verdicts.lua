-- The verdicts of a settle: their ids, in order, and its groups, each a verdict and the position of the last id that it is for.
local function verdicts()
  local ids, groups, total = {}, {}, 0
  if #ARGV > 10 then ids = cjson.decode(ARGV[11]) end
  for at = 12, #ARGV, 2 do
    total = total + ARGV[at + 1]
    groups[#groups + 1] = ARGV[at]
    groups[#groups + 1] = total
  end
  return ids, groups, total
end
