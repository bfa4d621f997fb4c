import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

/** ms between two samples. */
const interval = 200

/**
 * Waiting jobs that one sample reads at most: after an outage there may be more for a moment, and the sample
 * is left out.
 */
const most = 10_000

/**
 * One script, so that all it sees is of one instant: the unfinished jobs with a unique key as
 * `<set> <key> <id>`, found in the rows of the jobs and not in what the queue keeps of keys. KEYS: jobs, then
 * the sets; ARGV: most, then the names of the sets.
 */
const sample = `local found, size = {}, 0
for i = 2, #KEYS do size = size + redis.call('ZCARD', KEYS[i]) end
if size > tonumber(ARGV[1]) then return false end
for i = 2, #KEYS do
  for _, id in ipairs(redis.call('ZRANGE', KEYS[i], 0, -1)) do
    local row = redis.call('HGET', KEYS[1], id) or ''
    local key = string.match(row, '^1%d+:%-?%d+:unique\\n[^\\n]*\\n.*"key":"([^"]+)"')
    if key then found[#found + 1] = ARGV[i] .. ' ' .. key .. ' ' .. id end
  end
end
return found`

const sets = ['scheduled', 'ready', 'active', 'blocked']

/** Notes again and again who has a unique key, until the signal aborts. */
export async function sampleUnique({ redis }, { prefix, queueName }, note, signal) {
  const keys = ['jobs', ...sets].map((name) => `{${prefix}:${queueName}:0}:${name}`)
  const aborted = once(signal, 'abort')
  while (!signal.aborted) {
    // Its client waits for a server that is away; a failover may tell it of an error, and the next sample
    // will do.
    const taken = redis.eval(sample, keys.length, ...keys, most, ...sets).catch(() => null)
    const jobs = await Promise.race([taken, aborted])
    if (!signal.aborted && jobs !== null) note('unique', { jobs })
    await pause(interval)
  }
}
