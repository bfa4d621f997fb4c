-- Whose end may free a unique key.
local freeing = {}
