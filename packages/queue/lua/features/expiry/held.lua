-- A job of the key whose time is over has failed, though no worker has looked since: then the key is looked
-- at anew.
-- @needs addKeyed, behind, claim, due, failLate, holder, i, id, name, row
if (name and failLate(holder)) or (behind and failLate(behind)) then return addKeyed(i, id, row, due, claim) end
