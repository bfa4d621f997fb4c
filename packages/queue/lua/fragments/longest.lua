-- The length of the longest row or state row that a job or a schedule of this queue ever had is `longest` in
-- `meta`, in bytes, once there was one above 8 KiB: up to there 500 jobs fit into one answer, which has at
-- most about 8 MB.
-- @needs meta, whole
-- @include whole
local function lengthen(length)
  if length > @constant:longRow and length > (tonumber(redis.call('HGET', meta, 'longest')) or 0) then redis.call('HSET', meta, 'longest', whole(length)) end
end
