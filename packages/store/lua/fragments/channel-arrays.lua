-- Operations that change an array. What they add comes as one text of JSON values with commas between them,
-- and as a count.
-- @needs changing, elements, endOfValue, operations, spliced, text, whole, without
-- @include channel-writes
operations.arrappend = function(first, last, argument)
  return operations.arrinsert(first, last, argument, 'end')
end

-- Arguments: values, count, and the place of the first one; a negative place counts from the end.
operations.arrinsert = function(first, last, argument, place)
  return changing('array', function(at, _, values, count)
    local found, close = elements(at)
    local index = #found
    if place ~= 'end' then index = tonumber(ARGV[argument + 2]) end
    if index < 0 then index = index + #found end
    if index < 0 or index > #found then return '!index' end
    local size = '=' .. whole(#found + count)
    if index < #found then return size, spliced(found[index + 1], found[index + 1] - 1, values .. ',') end
    if #found == 0 then return size, spliced(close, close - 1, values) end
    return size, spliced(close, close - 1, ',' .. values)
  end)(first, last, argument)
end

-- A place out of range is rounded to the end of the array on its side.
operations.arrpop = changing('array', function(at, _, place)
  local found = elements(at)
  if #found == 0 then return '=null' end
  local index = tonumber(place)
  if index < 0 then index = index + #found end
  local from = found[math.max(0, math.min(index, #found - 1)) + 1]
  local to = endOfValue(from)
  return '=' .. string.sub(text, from, to), without(from, to)
end)

-- Keeps the elements from `start` to `stop`, both included; negative places count from the end, and those out
-- of range are no error.
operations.arrtrim = changing('array', function(at, close, start, stop)
  local found = elements(at)
  start, stop = tonumber(start), tonumber(stop)
  if start < 0 then start = math.max(0, start + #found) end
  if stop < 0 then stop = stop + #found end
  stop = math.min(stop, #found - 1)
  if start > stop then return '=0', spliced(at, close, '[]') end
  local kept = string.sub(text, found[start + 1], endOfValue(found[stop + 1]))
  return '=' .. whole(stop - start + 1), spliced(at, close, '[' .. kept .. ']')
end)
