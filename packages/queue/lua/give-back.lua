-- give-back: a client has heard how these jobs have ended. One that nobody else is known to wait for is
-- spared no longer: it falls under the rule of the queue, or goes, where nothing but the wait has kept it.
-- Called by job.wait() and job.watch() when they are over, for many jobs at a time. `name` is the client's.
-- Rest: ids, at most 500. Answers for how many that is so.
-- @role waiter
-- @reply number
local jobs, completed, failed, cancelled, state, expiry, waiters, meta = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local offset, name = ARGV[1], ARGV[2]
-- @include now
-- @include rule
-- @include retain
redis.call('HDEL', waiters, '')
local completedAge, completedCount, failedAge, failedCount = ruleOf(redis.call('HGET', meta, 'retain'))
local shorter, given = {}, 0
for i = 3, #ARGV do
  local id = ARGV[i]
  local till, names = string.match(redis.call('HGET', waiters, id) or '', '^(%d+) (.*)$')
  for _, key in ipairs(till and { completed, failed, cancelled } or {}) do
    local score = tonumber(redis.call('ZSCORE', key, id) or nil)
    if score and score >= @constant:ownRetentionBand then
      local others = {}
      for other in string.gmatch(names, '[^,]+') do
        if other ~= name then others[#others + 1] = other end
      end
      if #others > 0 then
        redis.call('HSET', waiters, id, till .. ' ' .. table.concat(others, ','))
      else
        redis.call('HDEL', waiters, id)
        given = given + 1
        -- A job that was waited for has no other retention of its own: 'j:' stands for a rule that keeps
        -- nothing.
        if redis.call('ZREM', expiry, 'w:' .. id) == 1 then
          redis.call('ZADD', key, whole(score - @constant:ownRetentionBand), id)
          shorter[key] = true
        elseif redis.call('ZREM', expiry, 'j:' .. id) == 1 then
          redis.call('ZREM', key, id)
          erase({ id })
        end
      end
    end
  end
end
if shorter[completed] then trim(completed, completedAge, completedCount, 1000) end
if shorter[cancelled] then trim(cancelled, completedAge, completedCount, 1000) end
if shorter[failed] then trim(failed, failedAge, failedCount, 1000) end
return given
