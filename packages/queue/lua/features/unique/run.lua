-- A run in whose stead another job stays is left out.
-- @needs addKeyed, decided, due, i, id, other, row
  local claim = ARGV[i + @extra:unique]
  if claim ~= '' then decided, other = true, addKeyed(i, id, row, due, claim) end
