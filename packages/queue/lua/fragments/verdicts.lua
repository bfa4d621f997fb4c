-- The verdicts of a settle: their ids, in order, and its groups, each a verdict and the position of the last id that it is for.
local function verdicts()
  local arguments, last = ARGV, #ARGV
  local ids, groups, total, at = {}, {}, 0, 11
  while at <= last do
    local count = tonumber(arguments[at + 1])
    for i = 1, count do ids[total + i] = arguments[at + 1 + i] end
    total = total + count
    groups[#groups + 1] = arguments[at]
    groups[#groups + 1] = total
    at = at + 2 + count
  end
  return ids, groups, total
end
