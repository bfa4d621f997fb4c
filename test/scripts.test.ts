import { internals } from '@ripen/store/internal'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { accessRoles } from '../scripts/access-roles.mjs'
import { constantsOf, withConstants } from '../scripts/lua-fragments.mjs'
import { canBeTried } from '../packages/store/src/access/dry-run.ts'
import { argumentsOf, luaFiles, redisCalls, scripts, splitArguments, withoutCalls, type RedisCall } from './lua-source.ts'
import { onEachServer } from './support/conformance.ts'
import { skipBecause } from './support/skip-because.ts'
import { testStore } from './support/test-store.ts'

// The rules that every script keeps: what they are for is told in ARCHITECTURE.md.

const files = luaFiles()
const all = await scripts()
const roles = accessRoles(new Map(all.map((script) => [script.name, script])))
const named = all.map((script) => [script.name, script] as const)

/**
 * Commands that only take away pass when the memory is full; those that add are refused, if they come first.
 */
const removals = new Set(['HDEL', 'ZREM', 'ZREMRANGEBYRANK', 'ZREMRANGEBYSCORE', 'DEL', 'UNLINK', 'LPOP', 'XDEL'])
const additions = new Set(['LPUSH', 'HSET', 'HINCRBY', 'ZADD', 'RPUSH', 'XADD', 'SET'])
const reads = new Set(['TIME', 'PUBLISH', 'PERSIST', 'PEXPIRE', 'PEXPIREAT', 'EXISTS', 'GET', 'HGET', 'HMGET', 'HEXISTS', 'HLEN', 'HRANDFIELD', 'HSCAN', 'HSTRLEN', 'LLEN', 'ZCARD', 'ZCOUNT', 'ZRANGE', 'ZRANGEBYLEX', 'ZRANGEBYSCORE', 'ZRANK', 'ZREVRANGE', 'ZREVRANGEBYSCORE', 'ZSCAN', 'ZSCORE', 'ZMSCORE']) // prettier-ignore
/** Commands whose arguments may be scores, times or other numbers that have to be exact. */
const takesNumbers = new Set(['ZADD', 'HSET', 'ZRANGEBYSCORE', 'ZREVRANGEBYSCORE', 'ZCOUNT', 'RPUSH'])
const keyless = new Set(['TIME', 'PUBLISH'])
/** They must add, so nothing is to come before it. */
const adding = new Set(['add', 'tick', 'setAdd', 'channelRun', 'messagePut'])

test('there are scripts, each made of its file', () => {
  expect(all.length).toBeGreaterThan(15)
  expect([...new Set(all.map(({ name }) => name))].sort()).toEqual(
    files
      .filter(({ fragment }) => !fragment)
      .map(({ name }) => name)
      .sort(),
  )
})

describe.each(files.map((file) => [file.path, file] as const))('%s', (_path, { text, fragment }) => {
  test('opens with a comment that tells what it does', () => {
    expect(text).toMatch(fragment ? /^-- [A-Z]/ : /^-- [a-z-]+: \S/)
  })

  test('tells the type of its reply', () => {
    expect(/^-- @reply \S+/m.test(text)).toBe(!fragment)
  })

  test('is at most 120 lines', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(120)
  })

  test('calls only commands that are known, in ways that are bounded', () => {
    expect(redisCalls(text).filter((call) => !isBounded(call))).toEqual([])
  })
})

/** What only one file may write: elsewhere it is included. */
const onlyIn = {
  'queue/lua/fragments/ready.lua': /'ZADD', ready\b/,
  'queue/lua/fragments/active.lua': /'ZREM', active, (?!'')|'HDEL', leases, (?!'\\n')/,
  'queue/lua/fragments/state-row.lua': /%d\+:\(?%d|'\d:\d:/,
} as const

describe.each(Object.entries(onlyIn))('%s', (path, pattern) => {
  test('is the only file that does what it is for', () => {
    expect(files.filter(({ text }) => pattern.test(withoutComments(text))).map((file) => file.path)).toEqual([path])
  })
})

describe('a number that scripts share with their callers', () => {
  const sources = filesBelow('packages/queue/lua', '.lua')
  const constants = [...constantsOf('packages/queue/lua')]

  test('stands in src/constants.ts, with its unit, and is used', () => {
    const text = readFileSync('packages/queue/src/constants.ts', 'utf8')
    const written = [
      ...filesBelow('packages/queue/lua', '.lua'),
      ...filesBelow('packages/queue/src', '.ts'),
      ...filesBelow('packages/worker/src', '.ts'),
    ]
      .filter((file) => !file.endsWith('constants.ts'))
      .map((file) => readFileSync(file, 'utf8'))
    expect(constants.length).toBeGreaterThan(20)
    expect(text.match(/^export const /gm)).toHaveLength(constants.length)
    expect(constants.map(([name]) => name).filter((name) => !written.some((source) => source.includes(name)))).toEqual([])
  })

  test('is no literal in a Lua file', () => {
    // A thousand: ms in a second, and steps.
    const literals = sources.flatMap((file) => withoutComments(readFileSync(file, 'utf8')).match(/(?<![\w.])\d{4,}\b/g) ?? [])
    expect(literals.filter((literal) => literal !== '1000')).toEqual([])
  })

  test('is no literal elsewhere in TypeScript', () => {
    const own = new Set(
      constants
        .map(([, number]) => Number(number))
        .filter((number) => number > 100_000 && number % 86_400_000 !== 0 && number !== 4_000_000),
    )
    const found = [...filesBelow('packages/queue/src', '.ts'), ...filesBelow('packages/worker/src', '.ts')]
      .filter((file) => !/generated\.ts$|constants\.ts$|\.test\.ts$/.test(file))
      .flatMap((file) =>
        [
          ...readFileSync(file, 'utf8')
            .replace(/^\s*(?:\/\/|\/?\*).*$/gm, '')
            .matchAll(/(?<![\w.])\d[\d_]*(?: \*\* (\d+))?/g),
        ]
          .map(([text, power]) => (power === undefined ? Number(text.replaceAll('_', '')) : Number.parseInt(text, 10) ** Number(power)))
          .filter((number) => own.has(number))
          .map((number) => `${file}: ${number}`),
      )
    expect(found).toEqual([])
  })

  test('is refused when nobody knows it', () => {
    expect(() => withConstants('return @constant:nothing', new Map(constants))).toThrow(
      "there is no constant 'nothing' in src/constants.ts",
    )
  })
})

describe.each(named)('%s', (name, { source, keys, commands }) => {
  test('first takes away, and then adds', () => {
    const adds = redisCalls(source).some(({ command }) => additions.has(command))
    // An add may forget a record whose time is over; apart from that it adds at once.
    const first = firstWrite(mainOf(source), adding.has(name) ? new Map() : functionsOf(source))
    const keepsTheRule = adding.has(name)
      ? additions.has(first?.command ?? '')
      : !adds || (first?.unconditional === true && removals.has(first.command))
    expect(keepsTheRule, JSON.stringify(first)).toBe(true)
  })

  test('sends messages only as hints, which cannot fail: one that is refused would end it in the middle of a move', () => {
    const rest = source
      .replace(/^local function hint\(.*\n {2}redis\.pcall\('PUBLISH', .*\nend$/m, '')
      // It mends what another client has put in the place of the number.
      .replace("local reached = redis.pcall('HINCRBY', meta, 'sequence', count)", '')
    expect(rest).not.toMatch(/PUBLISH|redis\.pcall/)
  })

  test('is part of what a role may do', () => {
    expect(roles.filter(({ scripts }) => scripts.includes(name)).length).toBeGreaterThan(0)
  })

  test('calls commands that can be tried in a dry run', () => {
    expect(commands.filter((command) => !canBeTried(command))).toEqual([])
  })

  test('touches only keys that it declares', () => {
    const declared = new Set(keys)
    for (const { command, arguments: given } of redisCalls(source)) {
      const key = given[0] ?? ''
      if (keyless.has(command) || declared.has(key)) continue
      // Otherwise it is a variable that only ever stands for a declared key.
      expect(key).toMatch(/^(key|keys\[name\])$/)
      const stands = keyValues(source)
      expect(stands.length).toBeGreaterThan(0)
      expect(stands.filter((value) => !declared.has(value))).toEqual([])
    }
  })

  test('sends no number that it computed except through whole()', () => {
    // What is looked up in a table of digits is text, however its index was computed.
    const texts = source.replaceAll(/\bdigits\[[^\]]+\]/g, "'0'")
    const computed = computedNames(texts)
    const sent = redisCalls(texts)
      .filter(({ command }) => takesNumbers.has(command))
      .flatMap(({ arguments: given }) => given.slice(1))
      .flatMap((argument) => {
        const table = /^unpack\((\w+)\)$/.exec(argument)?.[1]
        if (table === undefined) return [argument]
        // What a function is given is looked at where it is called.
        const given = argumentsOf(texts, 'makeReady')
        const calls = table === 'entries' ? given.filter((value) => value !== table) : []
        const tables = new Set([...(calls.length > 0 && !given.includes(table) ? [] : [table]), ...calls])
        return [...tables].flatMap((value) => (value.startsWith('{') ? splitArguments(value, 1) : insertions(texts, value)))
      })
    expect(sent.filter((value) => computes(value, computed))).toEqual([])
  })
})

onEachServer((name, server) => {
  test.for(named)('the server takes %s', async ([, script]) => {
    const { caller } = internals(testStore(server.url))
    expect(await caller.call((client) => client.script('LOAD', script.source))).toBe(script.sha)
  })

  // The embedded server does not know COMMAND DOCS.
  if (name !== 'embedded')
    test('every command is of Redis 6.2 or older', async (context) => {
      const { caller } = internals(testStore(server.url))
      const commands = [...new Set(all.flatMap(({ source }) => redisCalls(source).map(({ command }) => command)))]
      // Asked of servers that can tell: COMMAND DOCS is there since Redis 7.
      const docs = await caller.call((client) => client.call('COMMAND', 'DOCS', ...commands)).catch((error: unknown) => error)
      skipBecause(context, docs instanceof Error, 'the server has no COMMAND DOCS')
      const since = Object.fromEntries(
        (docs as unknown[]).flatMap((value, i) => (i % 2 === 0 ? [[String(value), sinceOf((docs as unknown[])[i + 1])]] : [])),
      )
      expect(Object.keys(since).sort()).toEqual(commands.map((command) => command.toLowerCase()).sort())
      expect(Object.entries(since).filter(([, version]) => Number(version.split('.', 2).join('.')) > 6.2)).toEqual([])
    })
})

function withoutComments(text: string): string {
  return text.replace(/^\s*--.*$/gm, '')
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(folder, file))
}

function sinceOf(doc: unknown): string {
  const pairs = doc as unknown[]
  return String(pairs[pairs.indexOf('since') + 1])
}

function isBounded({ command, arguments: given }: RedisCall): boolean {
  if (['ZRANGE', 'ZREVRANGE', 'ZREMRANGEBYRANK'].includes(command)) return !given.slice(1, 3).some((rank) => rank.endsWith('-1'))
  if (['ZRANGEBYSCORE', 'ZREVRANGEBYSCORE', 'ZRANGEBYLEX'].includes(command)) return given.includes("'LIMIT'")
  if (command === 'HSCAN' || command === 'ZSCAN') return given.includes("'COUNT'")
  return removals.has(command) || additions.has(command) || reads.has(command)
}

const topFunction = /^local function (\w+)\([^)]*\)\n([\s\S]*?)^end$/gm

function functionsOf(source: string): Map<string, string> {
  return new Map([...source.matchAll(topFunction)].map(([, name = '', body = '']) => [name, body]))
}

function mainOf(source: string): string {
  return source.replace(topFunction, '')
}

/**
 * The first write in the order of the text, following calls of the script's own functions. It is
 * unconditional when it stands at the start of a line of the main text.
 */
function firstWrite(text: string, functions: Map<string, string>): { command: string; unconditional: boolean } | undefined {
  for (const { index, 1: command, 2: called } of text.matchAll(/redis\.p?call\('([A-Z]+)'|\b(\w+)\(/g)) {
    if (command !== undefined && !reads.has(command)) return { command, unconditional: index === 0 || text[index - 1] === '\n' }
    const inner = called === undefined ? undefined : functions.get(called)
    const first = inner === undefined ? undefined : firstWrite(inner, functions)
    if (first !== undefined) return { ...first, unconditional: false }
  }
  return undefined
}

/**
 * What `key` and the table `keys` stand for: by assignment, in loops over a list, and as the first argument
 * of a function.
 */
function keyValues(source: string): string[] {
  const parameter = [...source.matchAll(/^local function (\w+)\(key\b/gm)].flatMap(([, name = '']) => argumentsOf(source, name))
  const assigned = [...source.matchAll(/(?:^|\s)key = (\w+)$/gm)].map(([, value = '']) => value)
  const lists = [...source.matchAll(/(?:, key in i?pairs\(|^local keys = )\{([^}]*)\}/gm)].flatMap(([, values = '']) =>
    values.split(',').map((value) => value.split('=').at(-1)?.trim() ?? ''),
  )
  // A function whose parameter is `key` may be called in a loop over keys.
  return [...parameter, ...assigned, ...lists].filter((value) => value !== 'key' && value !== 'keys[name]')
}

/** What makes text, whatever goes in. */
const makesText = /\b(?:whole|rank|stateRow|base36|string\.\w+|table\.concat|redis\.call)\(/

function computes(expression: string, computed: ReadonlySet<string>): boolean {
  const rest = withoutCalls(expression, makesText, '0')
    .replace(/'[^']*'/g, '0')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\.\./g, ' ')
  return /[-+*/%#]|\b(?:tonumber|math)\b/.test(rest) || [...rest.matchAll(/\b[a-z]\w*\b/gi)].some(([name]) => computed.has(name))
}

/** Names that hold a computed number somewhere in the script. */
function computedNames(source: string): Set<string> {
  const computed = new Set<string>()
  for (let size = -1; size !== computed.size;) {
    size = computed.size
    for (const [, names = '', values = ''] of source.matchAll(/(?:^|[\s;])(?:local )?(\w+(?:\[[^\]]*\]|, \w+)*) = ([^=\n].*)$/gm)) {
      const parts = splitArguments(`${values.replace(/ end$/, '')})`, 0)
      for (const [i, name] of names.replace(/\[.*/, '').split(', ').entries()) if (computes(parts[i] ?? '', computed)) computed.add(name)
    }
  }
  return computed
}

function insertions(source: string, table: string): string[] {
  const inserted = [...source.matchAll(new RegExp(`\\b${table}\\[[^\\]]+\\] = (.+)$`, 'gm'))].map(([, value = '']) =>
    value.replace(/ end$/, ''),
  )
  expect(inserted.length + (source.includes(`${table} = redis.call(`) ? 1 : 0), table).toBeGreaterThan(0)
  return inserted
}
