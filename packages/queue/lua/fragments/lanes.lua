-- The fields of `sessions` that the lanes of a name have.
local function lanesOf(name, count)
  local lanes = {}
  for lane = 1, count do lanes[lane] = name .. ':' .. lane - 1 end
  return lanes
end
