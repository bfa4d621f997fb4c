-- How the queue keeps its ended jobs: ages in ms (below 0: for ever) and counts, of completed (and cancelled)
-- and of failed ones.
-- @param text '<age> <count> <age> <count>', as `meta` has it, or nothing
local function ruleOf(text)
  local age, count, failedFor, failures = string.match(text or '', '^(%-?%d+) (%d+) (%-?%d+) (%d+)$')
  return tonumber(age or @constant:completedAge), tonumber(count or @constant:completedCount), tonumber(failedFor or @constant:failedAge), tonumber(failures or @constant:failedCount)
end
