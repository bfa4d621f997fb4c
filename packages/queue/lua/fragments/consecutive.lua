-- Whole numbers as text where they come one after another: formatting costs five times a concatenation, so it is done once in ten.
-- @include whole
local digits = { [0] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' }
local tens, prefix = 0, ''
local function consecutive(number)
  local rest = number % 10
  if number - rest ~= tens then
    tens = number - rest
    prefix = tens == 0 and '' or whole(tens / 10)
  end
  return prefix .. digits[rest]
end
