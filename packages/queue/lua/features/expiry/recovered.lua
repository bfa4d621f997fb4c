-- A job that comes back from a dead worker has its time anew.
-- @needs deadlines, expiring, id, now, rearm
      if expiring and redis.call('ZSCORE', deadlines, id) then rearm(id, now) end
