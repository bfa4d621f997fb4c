-- Jobs whose time is over fail, a part of them in each call.
-- @needs expireLate, expired, expiring, late, longRow, reports, room, want
if expiring then
-- @include expire
  late = expireLate(math.max(1, math.min(math.max(100, want), math.floor(room / 4 / (longRow or @constant:longRow)))))
  for _, text in ipairs(expired) do room = room - #text end
  if #expired > 0 then
    reports[#reports + 1] = 'expiry'
    reports[#reports + 1] = expired
  end
end
