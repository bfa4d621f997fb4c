-- Operations that change the value. Each gets the places in ARGV of the first and the last segment of its
-- path and of its first argument, and answers as those that read do, and then the whole text as it is to be;
-- without one nothing changes. No answer stands for the new revision.
-- @needs begin, endOfValue, epoch, kindOf, lengthOf, locate, operations, resend, rev, text, whole
-- @include channel-reads
local function spliced(from, to, with)
  return string.sub(text, 1, from - 1) .. with .. string.sub(text, to + 1)
end

-- The text without an item, and without one of the commas beside it.
local function without(from, to)
  if string.byte(text, to + 1) == 44 then return spliced(from, to + 1, '') end
  if string.byte(text, from - 1) == 44 then return spliced(from - 1, to, '') end
  return spliced(from, to, '')
end

local function changing(needed, change)
  return function(first, last, argument)
    if not text then return '!new' end
    local at = locate(first, last)
    if not at then return '!path' end
    local kind = kindOf(at)
    if needed and kind ~= needed and not (needed == 'number' and kind == 'integer') then return '!type ' .. kind .. ' ' .. needed end
    return change(at, endOfValue(at), ARGV[argument], ARGV[argument + 1])
  end
end

-- A number as the shortest JSON that gives the same double again; a whole one below 10^21 is written in full,
-- as JavaScript does. Nothing for what JSON cannot hold.
local function numeral(number)
  if number ~= number or number == math.huge or number == -math.huge then return nil end
  -- Minus zero plus zero is zero.
  if number == math.floor(number) and math.abs(number) < 1e21 then return whole(number + 0) end
  local shortest = nil
  for digits = 1, 17 do
    shortest = string.format('%.' .. digits .. 'g', number)
    if tonumber(shortest) == number then break end
  end
  return (string.gsub(shortest, 'e([+-])0+', 'e%1'))
end

local function becomes(at, stop, number)
  local result = numeral(number)
  if not result then return '!number' end
  return '=' .. result, spliced(at, stop, result)
end

operations.numincrby = changing('number', function(at, stop, amount)
  return becomes(at, stop, tonumber(string.sub(text, at, stop)) + tonumber(amount))
end)
operations.nummultby = changing('number', function(at, stop, factor)
  return becomes(at, stop, tonumber(string.sub(text, at, stop)) * tonumber(factor))
end)
operations.strappend = changing('string', function(at, stop, more)
  local added = string.sub(more, 2, -2)
  return '=' .. whole(lengthOf(string.sub(text, at + 1, stop - 1) .. added)), spliced(stop, stop - 1, added)
end)
operations.toggle = changing('boolean', function(at, stop)
  local result = 'true'
  if string.byte(text, at) == 116 then result = 'false' end
  return '=' .. result, spliced(at, stop, result)
end)
operations.clear = changing(nil, function(at, stop)
  local empty = ({ object = '{}', array = '[]', integer = '0', number = '0' })[kindOf(at)]
  if not empty or string.sub(text, at, stop) == empty then return '=0' end
  return '=1', spliced(at, stop, empty)
end)

operations.del = function(first, last)
  if last < first then return '!root' end
  if not text then return '!new' end
  local at, item = locate(first, last)
  if not at then return '=0' end
  return '=1', without(item, endOfValue(at))
end

-- Arguments: JSON, and the epoch and the rev that it is meant for, each '' for any.
operations.set = function(first, last, argument)
  local value, onEpoch, onRev = ARGV[argument], ARGV[argument + 1], ARGV[argument + 2]
  if onRev ~= '' and not (text and tonumber(onRev) == rev and (onEpoch == '' or tonumber(onEpoch) == epoch)) then
    -- The channel may have gone on because an earlier try was applied.
    if resend ~= '' then return '!maybe' end
    if not text then return '!revision' end
    return '!revision ' .. whole(epoch) .. ' ' .. whole(rev)
  end
  if last < first then
    if text then return nil, value end
    begin(value)
    return nil
  end
  if not text then return '!new' end
  local at, _, close = locate(first, last)
  if at then return nil, spliced(at, endOfValue(at), value) end
  if not close then return '!path' end
  local comma = ','
  if string.byte(text, close - 1) == 123 then comma = '' end
  return nil, spliced(close, close - 1, comma .. ARGV[last] .. ':' .. value)
end
