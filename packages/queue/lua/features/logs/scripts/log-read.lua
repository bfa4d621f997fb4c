-- log-read: lines of the log of a job (see log): those after the line of the number `after`, at most `limit`.
-- Called by job.logs(). Answers the number of the first one and the lines, each after a line end, at most 64
-- KiB; '' when there are none, or no such job.
-- @role reader, operator
-- @reply string
local jobs, scheduled, ready, active, blocked, completed, failed, cancelled = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local state, expiry, meta, logs = KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local offset, id, after, limit = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- @include now
-- @include visible
-- @include log-row
local row = redis.call('HSTRLEN', logs, id) < @constant:longestLogRow and visible(id) and redis.call('HGET', logs, id) or ''
local last, lines, _, _, start = logRow(row)
if not last then return '' end
local first = last - lines + 1
-- Where the line end before a line stands.
local function pass(at, count)
  while at and count > 0 do
    at, count = string.find(row, '\n', at + 1, true), count - 1
  end
  return at
end
local skipped = math.max(0, tonumber(after) + 1 - first)
if skipped >= lines then return '' end
local from = pass(start - 1, skipped)
local to = pass(from, tonumber(limit)) or #row + 1
return whole(first + skipped) .. string.sub(row, from, to - 1)
