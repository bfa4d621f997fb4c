-- add: writes a batch of jobs. Called by Queue for the adds of one tick, at most 500 jobs and 1 MiB, with up
-- to four batches (lanes) under way.
-- `lane` and `number` make a re-send safe, and a copy that comes late: a lane has one batch under way, and
-- the shard keeps the last one applied for each lane with its answer.
-- Rest: rows of `plain` jobs, which are ready now, have priority 0 and generated ids: `prefix` and three
-- digits of six bits, counted on from `counter`; an id that is not sent saves work on both sides. Then
-- records of id, row, due time ('' now, '+ms' from now, or epoch ms) and what features add to it.
-- Only an id that was given can be there already: `named` has a 1 for each of the records that has one, else
-- a 0; '' when none has. `channel` is '' in a batch without unique keys.
-- `longest` is the length of its longest row in bytes, '' up to 8 KiB.
-- Answers '<now> <positions of duplicates among the records, with commas> <positions of blocked ones>', and
-- for each duplicate, after a line end, the id of the job that stays. Answers '' when nobody has opened the
-- queue: it has ended in its rest (see rest), with its settings, and nothing is added until the caller has
-- opened it again.
-- @compose
-- @role producer
-- @reply string
local jobs, scheduled, ready, active, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local state, wake, meta, sessions, expiry, readded, waiters = KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local offset, order, lane, number, renew, named, channel, prefix, counter, longest, plain = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
-- @include now
-- @include whole
-- @include ready
-- @include wake
-- @include copied
local before = copied()
if before then return before end
local head = '1' .. whole(now)
local arguments, count = ARGV, #ARGV
local last = 11 + plain
local rows, entries, later, size, earliest = {}, {}, {}, 0, nil
local stored, features = unpack(redis.call('HMGET', meta, 'sequence', 'features'))
if not stored and redis.call('HEXISTS', meta, 'layout') == 0 then return '' end
-- @composed joined
if (features or '') ~= '@features' then return redis.error_reply('OTHER_FEATURES ' .. (features or '')) end
local sequence = tonumber(stored or 0)
-- What is no such number, since another client wrote it, counts as the time in seconds: see advance().
if not sequence or not (sequence >= 0 and sequence < @constant:sequenceLimit) then sequence = math.floor(now / 1000) end
-- Ids that were generated for a batch that nobody heard of again, and then added by name: should that batch
-- come after all, it comes too late for them.
local late = redis.call('EXISTS', readded) == 1
-- @include plain
local duplicates, survivors, waiting, placed = {}, {}, {}, false
-- A batch of plain jobs does not pay for making these functions, which takes longer than a small add itself.
if count > last then
-- @include rank
-- @include visible
-- @hook functions
-- @include others
duplicates, survivors, waiting = others()
end
local answer = whole(now) .. ' ' .. table.concat(duplicates, ',') .. ' ' .. table.concat(waiting, ',')
if #survivors > 0 then answer = answer .. '\n' .. table.concat(survivors, '\n') end
if #rows > 0 then redis.call('HSET', jobs, unpack(rows)) end
if #entries > 0 then makeReady(entries) end
if #entries > 0 or placed then redis.call('HSET', meta, 'sequence', whole(sequence)) end
if #later > 0 then redis.call('ZADD', scheduled, unpack(later)) end
-- @include remember
if longest ~= '' then
-- @include longest
  lengthen(tonumber(longest))
end
if not stored and redis.call('EXISTS', jobs) == 1 then
  redis.call('HSET', meta, 'sequence', whole(sequence))
-- @include rouse
end
if #entries > 0 or placed then
  alert()
elseif earliest then
  local armed = tonumber(redis.call('HGET', meta, 'armed')) or 0
  if armed < now or earliest < armed then alert() end
end
return answer
