-- The options that a row keeps; nothing of a row that cannot be read, which no version of Ripen wrote: its
-- options are not known, which is not to have none.
local function optionsOf(row)
  local text = string.match(row, '^[^\n]*\n([^\n]*)\n')
  if text == '' then return {} end
  local readable, options = pcall(cjson.decode, text)
  if readable and type(options) == 'table' then return options end
end
