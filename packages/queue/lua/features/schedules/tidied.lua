-- Tells the worker which schedules are due, at most 100, as many as the answer has room for.
-- @needs now, reports, room, runs, schedules, ticks, whole
  local due, told = redis.call('ZRANGEBYSCORE', ticks, '-inf', whole(now), 'WITHSCORES', 'LIMIT', 0, 100), {}
  for i = 1, #due, 2 do
    local row = redis.call('HGET', schedules, due[i]) or ''
    if #row > room and i > 1 then break end
    room = room - #row
    told[#told + 1] = due[i]
    told[#told + 1] = due[i + 1]
    told[#told + 1] = row
  end
  if #told > 0 then
    reports[#reports + 1] = 'schedules'
    reports[#reports + 1] = told
    runs = #told / 3
  end
