-- How the queue keeps its ended jobs: ages in ms (below 0: for ever) and counts, of completed (and cancelled) and of failed ones.
-- @param text '<age> <count> <age> <count>', as `meta` has it, or nothing
local function ruleOf(text)
  local age, count, failedFor, failures = string.match(text or '', '^(%-?%d+) (%d+) (%-?%d+) (%d+)$')
  return tonumber(age or 86400000), tonumber(count or 1000), tonumber(failedFor or 2592000000), tonumber(failures or 10000)
end
