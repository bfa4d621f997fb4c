-- cancel: a waiting job ends here; an active one is asked to, by a row that its worker reads with its heartbeat and a message that comes sooner. Answers 1, or 0 when the job has
-- ended or is unknown, or -1 (see numbered). `lane` and `number` make a copy of the call harmless (see add). `tail` is the end of the state row: the error that the job ends with.
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, order, lane, number, renew, id, reason, keep, tail, channel, workersChannel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
-- @include hint
-- @include now
-- @include retain
-- @include release
-- @include wake
redis.call('ZREM', active, '')
-- @include numbered
local running = redis.call('ZSCORE', active, id)
local waits = not running and redis.call('ZREM', ready, id) + redis.call('ZREM', scheduled, id) + redis.call('ZREM', blocked, id) > 0
local answer = '0'
if running or waits then answer = '1' end
-- @include remember
if running then
  redis.call('HSET', cancels, id, keep .. ';' .. tail .. '\n' .. reason)
  hint(workersChannel, id .. '\n' .. reason)
elseif waits then
  if release(id) then alert() end
  -- It was asked for before, of a worker that has lost the lease since.
  redis.call('HDEL', cancels, id)
  redis.call('ZREM', deadlines, id)
  local attempts, stalls, due, fence = string.match(redis.call('HGET', state, id) or '0:0:::', '^(%d+):(%d+):(%d*):(%d*):')
  local row = (attempts or '0') .. ':' .. (stalls or '0') .. ':' .. (due or '') .. ':' .. (fence or '') .. ':' .. tail
  local settings = redis.call('HMGET', meta, 'retain', 'ended')
  local age, count = string.match(settings[1] or '', '^(%-?%d+) (%d+) ')
  age, count = tonumber(age or 86400000), tonumber(count or 1000)
  local till = tonumber(string.match(redis.call('HGET', waiters, id) or '0', '^%d+') or 0)
  if till > 0 then
    redis.call('HDEL', watchers, id)
    hint(channel, 'x' .. id .. '\n' .. row)
  end
  local mark = 'j'
  if till > now and (keep == '0' or keep == '') then
    if keep == '' and count > 0 then mark = 'w' end
    keep = whole(till - now)
  elseif till > 0 then
    redis.call('HDEL', waiters, id)
  end
  if keep == '0' or (keep == '' and count == 0) then
    erase({ id })
  else
    redis.call('HSET', state, id, row)
    local lastEnd = tonumber(settings[2]) or 0
    lastEnd = lastEnd < microseconds + 60000000 and math.max(microseconds, lastEnd + 1) or microseconds
    redis.call('HSET', meta, 'ended', whole(lastEnd))
    redis.call('ZADD', cancelled, whole(keep == '' and lastEnd or lastEnd + ownBand), id)
    if keep ~= '' then redis.call('ZADD', expiry, whole(now + tonumber(keep)), mark .. id) end
    trim(cancelled, age, count, 100)
  end
end
-- @include rest
return tonumber(answer)
