-- Finds values in the JSON text of a channel, which has the form of JSON.stringify. Nothing is decoded, so
-- text that an operation does not touch keeps every byte. A value is known by the place where it begins.
-- Looking for one character is several times as fast as looking for a class of them.
-- @needs text
local find, byte, sub = string.find, string.byte, string.sub

local function endOfString(from)
  local at = from
  while true do
    at = find(text, '"', at + 1, true)
    local before = at - 1
    while byte(text, before) == 92 do before = before - 1 end
    -- After an even number of backslashes it is not escaped.
    if (at - before) % 2 == 1 then return at end
  end
end

-- Brackets of the other kind are balanced between, so those of one kind tell the end.
local function endOfContainer(from, open, close)
  local depth, at = 1, from + 1
  local quote, opening, closing = 0, 0, 0
  while true do
    if quote < at then quote = find(text, '"', at, true) or #text + 1 end
    if opening < at then opening = find(text, open, at, true) or #text + 1 end
    if closing < at then closing = find(text, close, at, true) end
    if quote < opening and quote < closing then
      at = endOfString(quote) + 1
    elseif opening < closing then
      depth = depth + 1
      at = opening + 1
    else
      depth = depth - 1
      if depth == 0 then return closing end
      at = closing + 1
    end
  end
end

local function endOfValue(from)
  local first = byte(text, from)
  if first == 34 then return endOfString(from) end
  if first == 123 then return endOfContainer(from, '{', '}') end
  if first == 91 then return endOfContainer(from, '[', ']') end
  return (find(text, '[,%]}]', from) or #text + 1) - 1
end

-- Where the item after this value begins, or the first one of the container; after the last one nothing, and
-- where the container ends.
local function nextItem(container, value)
  if value then
    local past = endOfValue(value) + 1
    if byte(text, past) == 44 then return past + 1 end
    return nil, past
  end
  local first = byte(text, container + 1)
  if first == 125 or first == 93 then return nil, container + 1 end
  return container + 1
end

-- The value and the key of a member; without one only where the object ends. Keys are compared as JSON text.
local function member(object, name)
  local label, close = nextItem(object)
  while label do
    local stop = endOfString(label)
    if sub(text, label, stop) == name then return stop + 2, label end
    label, close = nextItem(object, stop + 2)
  end
  return nil, nil, close
end

local function names(object)
  local found, label = {}, nextItem(object)
  while label do
    local stop = endOfString(label)
    found[#found + 1] = sub(text, label, stop)
    label = nextItem(object, stop + 2)
  end
  return found
end

-- The elements of an array, and where it ends.
local function elements(array)
  local found = {}
  local at, close = nextItem(array)
  while at do
    found[#found + 1] = at
    at, close = nextItem(array, at)
  end
  return found, close
end

-- Follows the segments from ARGV[first] to ARGV[last]: a key is JSON text, anything else an index. Answers
-- the value and its item (for a member its key); where only the last key is missing nothing, nothing, and the
-- end of the object that it would be in.
local function locate(first, last)
  local at, item, close = 1, nil, nil
  for i = first, last do
    if not at then return nil end
    local segment, opening = ARGV[i], byte(text, at)
    if byte(segment) == 34 then
      if opening ~= 123 then return nil end
      at, item, close = member(at, segment)
    else
      if opening ~= 91 then return nil end
      local found = elements(at)
      local index = tonumber(segment)
      if index < 0 then index = index + #found end
      at, item, close = found[index + 1], found[index + 1], nil
    end
  end
  return at, item, close
end

local kinds = { ['"'] = 'string', ['{'] = 'object', ['['] = 'array', t = 'boolean', f = 'boolean', n = 'null' }
local function kindOf(at)
  local kind = kinds[sub(text, at, at)]
  if kind then return kind end
  if find(sub(text, at, endOfValue(at)), '^%-?%d+$') then return 'integer' end
  return 'number'
end
