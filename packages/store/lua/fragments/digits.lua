-- A count, a time or a fence that was stored as digits; 0 for anything else, and for what leaves no room to
-- count on: another client may have written it.
local function digits(text)
  local number = tonumber(string.match(text or '', '^%d+$') or 0)
  if number > 9000000000000000 then return 0 end
  return number
end
