-- Who is blocked behind one of them goes on.
-- @needs alert, ids, release, unique
if redis.call('EXISTS', unique) == 1 then
  for _, id in ipairs(ids) do
    if release(id) then alert() end
  end
end
