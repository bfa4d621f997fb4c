-- wait: asks to be told when a job ends, and with `watches` also when it moves; until then retention spares
-- it. Called by job.wait() and job.watch() once they listen, and again after a reconnect and every few
-- seconds.
-- A row of `waiters` is until when somebody waits, in ms, and the names of those clients with commas, so that
-- the last one to hear of the end may say so (give-back); '*' when they are too many. Answers the state
-- (completed, failed, cancelled, gone, or waiting) and the state row.
-- @role waiter
-- @reply [state: string, row: string]
local jobs, completed, failed, cancelled, state, waiters, watchers = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local offset, id, duration, watches, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
-- @include now
-- @include whole
for name, key in pairs({ completed = completed, failed = failed, cancelled = cancelled }) do
  if redis.call('ZSCORE', key, id) then return { name, redis.call('HGET', state, id) or '' } end
end
if redis.call('HEXISTS', jobs, id) == 0 then return { 'gone', '' } end
redis.call('HDEL', waiters, '')
local before, names = string.match(redis.call('HGET', waiters, id) or '', '^(%d+) ?(.*)$')
local till = whole(math.max(now + duration, tonumber(before or 0)))
if not names or names == '' then
  names = name
elseif #names > 200 then
  names = '*'
elseif names ~= '*' and not string.find(names, name, 1, true) then
  names = names .. ',' .. name
end
redis.call('HSET', waiters, id, till .. ' ' .. names)
if watches == '1' then redis.call('HSET', watchers, id, till) end
return { 'waiting', '' }
