-- The plain jobs of an add, in one loop, as a rule without calls: ids and scores are consecutive numbers, so
-- all but their last digit is written only once in 64 or ten times.
-- @needs arguments, counter, entries, head, last, late, order, plain, prefix, readded, rows, sequence, size, whole
local digits = { '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', '_', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z' }
local low = counter % 64
local block = (counter - low) / 64
local function head64()
  local middle = block % 64
  return prefix .. digits[(block - middle) / 64 + 1] .. digits[middle + 1]
end
local idHead = head64()
local scoreStep = order == 'lifo' and -1 or 1
local score = order == 'lifo' and @constant:priorityBand - 1 - sequence or sequence
local tens, scoreHead = nil, ''
for i = 12, last do
  if low == 64 then
    low = 0
    block = block + 1
    idHead = head64()
  end
  low = low + 1
  local id = idHead .. digits[low]
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
    entries[size + 1] = scoreHead .. digits[unit + 2]
    entries[size + 2] = id
    size = size + 2
  end
end
sequence = sequence + plain
