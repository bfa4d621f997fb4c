/**
 * Tries commands and changes nothing: with this first line the server refuses a write or a message, but only
 * after it has looked at the user's rights. Answers those that were refused, each with the reply. It is there
 * from Redis 7.0 on; an older server cannot compile it.
 */
const readOnly = '#!lua flags=no-writes\n'

/**
 * `ARGV[1]` has the calls, as JSON: lists of a command and its arguments, `ARGV[2]` those that would do harm.
 * Answers pairs: the number of a call, counted from 1 through both, and its error.
 * A server may know the flag and not heed it (Dragonfly), so what would do harm is tried only after the
 * server has refused a write for being one. One of the user's own trials shows that, or else a SET that does
 * nothing anyhow.
 */
const tries = `local errors = {}
local refuses = false
local count = 0
local function heed(reply)
  if type(reply) ~= 'table' or not reply.err then return nil end
  refuses = refuses or string.find(reply.err, 'Write commands are not allowed from read-only scripts', 1, true) ~= nil
  return reply.err
end
local function try(calls)
  for _, call in ipairs(calls) do
    count = count + 1
    local err = heed(redis.pcall(unpack(call)))
    if err then
      errors[#errors + 1] = count
      errors[#errors + 1] = err
    end
  end
end
try(cjson.decode(ARGV[1]))
local harmful = cjson.decode(ARGV[2])
if #harmful > 0 and not refuses then heed(redis.pcall('set', KEYS[1], 'x', 'NX', 'XX')) end
if refuses then try(harmful) end
return errors`

export const dryRun = { readOnly: readOnly + tries, older: tries }

/** A field, a member or a value that nobody has. */
const nothing = '\u0001ripen-dry-run'

/**
 * What each command of a script is tried with, after its key: enough to get past the count of arguments. The
 * server looks at rights next, then at the rest, so all of these fail or change nothing, also where a server
 * that is older than 7.0 carries them out.
 */
const forms: Readonly<Record<string, readonly string[]>> = {
  exists: [],
  get: [],
  hdel: [nothing],
  hexists: [nothing],
  hget: [nothing],
  hincrby: [nothing, 'x'],
  hlen: [],
  hmget: [nothing],
  hscan: ['0', 'COUNT', '1'],
  hset: [nothing, 'x', 'x'],
  hstrlen: [nothing],
  llen: [],
  lpop: ['x'],
  pexpire: ['x'],
  pexpireat: ['x'],
  set: ['x', 'NX', 'XX'],
  zadd: ['x', 'x'],
  zcard: [],
  zcount: ['0', '0'],
  zmscore: [nothing],
  zrange: ['0', '0'],
  zrangebylex: ['[x', '[x', 'LIMIT', '0', '1'],
  zrangebyscore: ['0', '0', 'LIMIT', '0', '1'],
  zrank: [nothing],
  zrem: [nothing],
  zremrangebyrank: ['x', 'x'],
  zremrangebyscore: ['x', 'x'],
  zrevrange: ['0', '0'],
  zrevrangebyscore: ['0', '0', 'LIMIT', '0', '1'],
  zscan: ['0', 'COUNT', '1'],
  zscore: [nothing],
}

/** Those without a form that does nothing: not tried where they may be carried out. */
const harmful: Readonly<Record<string, readonly string[]>> = { del: [], lpush: [nothing], persist: [], rpush: [nothing], unlink: [] }

/** For tests: whether a command of a script is tried. */
export function canBeTried(command: string): boolean {
  return command === 'time' || command === 'publish' || command in forms || command in harmful
}

/** One command to try, and what is missing should the server refuse it. */
export interface Trial {
  readonly call: readonly string[]
  /** Only where the server has shown that it carries nothing out. */
  readonly harmful: boolean
  readonly missing: Readonly<Record<'command' | 'key' | 'channel', string>>
}

/** @param key that the user may use. */
export function trialsOf(commands: readonly string[], key: string, channels: readonly string[]): Trial[] {
  const trials: Trial[] = []
  for (const command of commands) {
    const missing = { command: `command ${command}`, key: `key ${key}`, channel: 'a channel' }
    const form = forms[command]
    if (command === 'time') trials.push({ call: ['time'], harmful: false, missing })
    else if (command === 'publish') for (const channel of channels) trials.push(publish(channel))
    else trials.push({ call: [command, key, ...(form ?? harmful[command] ?? [])], harmful: form === undefined, missing })
  }
  return trials
}

function publish(channel: string): Trial {
  return {
    call: ['publish', channel, ''],
    harmful: true,
    missing: { command: 'command publish', key: 'a key', channel: `channel ${channel}` },
  }
}
