-- Where a job is, and what of it is still there: a finished job whose retention has ended counts as gone although no sweep has come by yet.
-- @include whole
local ownBand = 17592186044416
local completedAge, failedAge = string.match(redis.call('HGET', meta, 'retain') or '', '^(%-?%d+) %d+ (%-?%d+) ')
completedAge, failedAge = tonumber(completedAge or 86400000), tonumber(failedAge or 2592000000)
local ages = { completed = completedAge, cancelled = completedAge, failed = failedAge }
local keys = { ready = ready, scheduled = scheduled, active = active, completed = completed, failed = failed, cancelled = cancelled }
