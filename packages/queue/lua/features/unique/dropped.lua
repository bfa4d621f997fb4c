-- Who is blocked behind one of them goes on.
-- @needs ids, release, unique
if redis.call('EXISTS', unique) == 1 then
  for _, id in ipairs(ids) do release(id) end
end
