-- The verdicts of a settle: their ids, in order, and its groups, each a verdict and the position of the last id that it is for.
local function verdicts()
  local ids, groups = {}, {}
  for at = 11, #ARGV, 2 do
    local own = cjson.decode(ARGV[at + 1])
    local total = #ids
    if total == 0 then ids = own else for i = 1, #own do ids[total + i] = own[i] end end
    groups[#groups + 1] = ARGV[at]
    groups[#groups + 1] = #ids
  end
  return ids, groups, #ids
end
