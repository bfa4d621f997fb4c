-- The options that a row keeps; none, of a row that can not be read.
local function optionsOf(row)
  local readable, options = pcall(cjson.decode, string.match(row, '^[^\n]*\n([^\n]+)\n') or '{}')
  return readable and type(options) == 'table' and options or {}
end
