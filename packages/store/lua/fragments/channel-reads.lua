-- Operations that only read. Each gets the places in ARGV of the first and the last segment of its path, and
-- answers '=' and JSON, or '!' and what is wrong.
-- @needs created, elements, endOfString, endOfValue, epoch, kindOf, locate, names, rev, text, updated, whole
-- @include channel-scan
local operations = {}
-- Bytes that the answers of all reads of one call may have.
local room = 8000000

local function reading(needed, answer)
  return function(first, last)
    local at = text and locate(first, last)
    if not at then return '=null' end
    local kind = kindOf(at)
    if needed and kind ~= needed then return '!type ' .. kind .. ' ' .. needed end
    local result = answer(at)
    room = room - #result
    if room < 0 then return '!room' end
    return '=' .. result
  end
end

-- The length of a string, given as JSON without its quotes, as JavaScript counts it: an escape is one, and
-- what takes four bytes is two.
local function lengthOf(inner)
  if not string.find(inner, '[\\\128-\255]') then return #inner end
  inner = string.gsub(inner, '\\(.)', { u = '\1', ['"'] = 'x', ['\\'] = 'x', ['/'] = 'x', b = 'x', f = 'x', n = 'x', r = 'x', t = 'x' })
  inner = string.gsub(inner, '\1%x%x%x%x', 'x')
  local _, characters = string.gsub(inner, '[^\128-\191]', '')
  local _, doubled = string.gsub(inner, '[\240-\247]', '')
  return characters + doubled
end

operations.get = reading(nil, function(at) return string.sub(text, at, endOfValue(at)) end)
operations.type = reading(nil, function(at) return '"' .. kindOf(at) .. '"' end)
operations.strlen = reading('string', function(at) return whole(lengthOf(string.sub(text, at + 1, endOfString(at) - 1))) end)
operations.arrlen = reading('array', function(at) return whole(#elements(at)) end)
operations.objlen = reading('object', function(at) return whole(#names(at)) end)
operations.objkeys = reading('object', function(at) return '[' .. table.concat(names(at), ',') .. ']' end)
operations.meta = function()
  if not text then return '=null' end
  return '=[' .. table.concat({ whole(rev), whole(epoch), whole(created), whole(updated) }, ',') .. ']'
end
