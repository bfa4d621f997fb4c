-- cancel: a waiting job ends here; an active one is asked to, by a row that its worker reads with its
-- heartbeat and a message that comes sooner. Answers 1, or 0 when the job has ended or is unknown, or -1 (see
-- numbered). `lane` and `number` make a copy of the call harmless (see add). `tail` is the end of the state
-- row: the error that the job ends with.
-- @role operator
-- @reply number
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled, schedules, unique, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local cancels, waiters, watchers, deadlines, leases, wake, workers, worker, ticks, sessions, expiry = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19], KEYS[20], KEYS[21], KEYS[22]
local readded, meta = KEYS[23], KEYS[24]
local offset, order, lane, number, renew, id, reason, keep, tail, channel, workersChannel = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
-- @include hint
-- @include now
-- @include rule
-- @include wake
-- @hook functions
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
  -- It was asked for before, of a worker that has lost the lease since.
  redis.call('HDEL', cancels, id)
  local ids = { id }
  -- @hook dropped
  local settings = redis.call('HMGET', meta, 'retain', 'ended')
  local completedAge, completedCount, failedAge, failedCount = ruleOf(settings[1])
  local lastEnd = tonumber(settings[2]) or 0
  if not (lastEnd < microseconds + @constant:clockLead) then lastEnd = 0 end
-- @include ends
  local attempts, stalls, due, fence = stateOf(redis.call('HGET', state, id))
  local row = stateRow(attempts or '0', stalls or '0', due or '', fence or '', tail)
  beginEnds()
  ended(id, 'x', keep, row, fence or '', redis.call('HGET', waiters, id))
  writeEnds()
  redis.call('HSET', meta, 'ended', whole(lastEnd))
end
-- @include rest
return tonumber(answer)
