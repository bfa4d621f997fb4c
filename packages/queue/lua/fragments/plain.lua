-- The plain jobs of an add, in one loop, as a rule without calls: ids and scores are consecutive numbers, of which all but the last digit is written once in 36 or ten times.
local digits = { '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z' }
local function base36(block)
  local text = ''
  for _ = 1, 5 do
    local rest = block % 36
    text = digits[rest + 1] .. text
    block = (block - rest) / 36
  end
  return prefix .. text
end
local low = counter % 36
local block = (counter - low) / 36
local idHead = base36(block)
local scoreStep = order == 'lifo' and -1 or 1
local score = order == 'lifo' and band - 1 - sequence or sequence
local tens, scoreHead = nil, ''
for i = 10, last do
  low = low + 1
  local id = idHead .. digits[low]
  if low == 36 then
    low = 0
    block = block + 1
    idHead = base36(block)
  end
  score = score + scoreStep
  local unit = score % 10
  if score - unit ~= tens then
    tens = score - unit
    scoreHead = ''
    if tens > 0 then scoreHead = whole(tens / 10) end
  end
  if not (late and redis.call('ZSCORE', readded, id)) then
    rows[size + 1] = id
    rows[size + 2] = head .. arguments[i]
    entries[size + 1] = scoreHead .. digits[unit + 1]
    entries[size + 2] = id
    size = size + 2
  end
end
sequence = sequence + plain
