-- Every number computed here goes to the server through this: a Lua number would be cut to 14 digits by some
-- servers.
local function whole(number)
  return string.format('%.0f', number)
end
