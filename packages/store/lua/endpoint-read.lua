-- endpoint-read: the state of an endpoint, and whether its lock lets `key` pass. Rest: names of attributes.
-- Answers the return code (0, 307, 308), the value, whether its schedule runs, whether it is locked, and the
-- attributes that were set at run time, all values as JSON.
-- @role steered worker, endpoints
-- @reply [retcode: number, value: string | null, scheduled: number, locked: number, settings: (string | null)[]]
local values, settings, locks, due = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local endpoint, key = ARGV[1], ARGV[2]
-- @include endpoint-refusal
local fields = {}
for i = 3, #ARGV do
  fields[#fields + 1] = endpoint .. '.' .. ARGV[i]
end
local held = redis.call('HGET', locks, endpoint)
local scheduled = redis.call('ZSCORE', due, endpoint) and 1 or 0
return { refusal(held), redis.call('HGET', values, endpoint), scheduled, held and 1 or 0, redis.call('HMGET', settings, '', unpack(fields)) }
