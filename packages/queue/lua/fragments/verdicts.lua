-- The verdicts of a settle: their ids, in order, and its groups, each a verdict and the position of the last
-- id that it is for.
  local ids, groups, total = {}, {}, 0
  if #ARGV > 9 then ids = cjson.decode(ARGV[10]) end
  for at = 11, #ARGV, 2 do
    total = total + ARGV[at + 1]
    groups[#groups + 1] = ARGV[at]
    groups[#groups + 1] = total
  end
