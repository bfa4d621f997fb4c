-- Frees their keys.
-- @needs freeing, release, unique
  local freed = freeing
  freeing = {}
  if #freed > 0 and redis.call('EXISTS', unique) == 1 then
    for _, id in ipairs(freed) do release(id) end
  end
