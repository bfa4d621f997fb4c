import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Whatever brings time or a timer past `store.clock`. */
const raw = [
  'export const timer = setTimeout(() => undefined, 1)',
  'export const timer = setInterval(() => undefined, 1)',
  'export const timer = globalThis.setTimeout(() => undefined, 1)',
  'export const { setInterval: timer } = globalThis',
  "import { setTimeout as pause } from 'node:timers/promises'\nawait pause(1)",
  "import { setInterval as ticks } from 'node:timers/promises'\nexport const timer = ticks(1)",
  "import timers from 'node:timers'\nexport const timer = timers.setTimeout(() => undefined, 1)",
  "import * as timers from 'node:timers'\nexport const timer = timers.setTimeout(() => undefined, 1)",
  "import { scheduler } from 'node:timers/promises'\nawait scheduler.wait(1)",
  'export const timer = AbortSignal.timeout(1)',
  'export const time = Date.now()',
  "export const time = Date['now']()",
  'export const time = new Date()',
  'export const time = Date()',
  'export const time = globalThis.Date.now()',
  'export const time = performance.now()',
  'export const { now } = performance',
  'export const time = globalThis.performance.now()',
  "import { performance as times } from 'node:perf_hooks'\nexport const time = times.now()",
  'export const time = process.hrtime.bigint()',
  'export const time = process.uptime()',
  "import { realClock } from '@ripen/store/internal'\nexport const time = realClock.now()",
]

/** What is no time, or a time that is given. */
const allowed = [
  'export const turn = setImmediate(() => undefined)',
  "import { setImmediate as turn } from 'node:timers/promises'\nawait turn()",
  'export const turn = queueMicrotask(() => undefined)',
  'export const day = new Date(86_400_000)',
  'export const origin = performance.timeOrigin',
  "import type { Clock } from '@ripen/store/internal'\nexport const time = (clock: Clock): number => clock.now()",
]

let directory: string
/** The rules that each file broke, by its path. */
const broken = new Map<string, string[]>()

function fileOf(folder: string, kind: string, index: number, end = '.ts'): string {
  return `packages/${folder}/src/${kind}-${index}${end}`
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ripen-clock-'))
  const root = resolve(import.meta.dirname, '..')
  const config = JSON.parse(await readFile(join(root, '.oxlintrc.json'), 'utf8'))
  // The files are in no program.
  config.options.typeAware = false
  for (const override of config.overrides) {
    const plugins = override.jsPlugins as string[] | undefined
    if (plugins !== undefined) override.jsPlugins = plugins.map((plugin) => pathToFileURL(join(root, plugin)).href)
  }
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(directory, file)), { recursive: true })
    await writeFile(join(directory, file), text)
  }
  await write('.oxlintrc.json', JSON.stringify(config))
  for (const folder of ['queue', 'worker', 'store']) {
    for (const [index, text] of raw.entries()) await write(fileOf(folder, 'raw', index), `${text}\n`)
    for (const [index, text] of allowed.entries()) await write(fileOf(folder, 'allowed', index), `${text}\n`)
  }
  await write(fileOf('worker', 'raw', 0, '.test.ts'), `${raw[0]}\n`)
  const lint = promisify(execFile)(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'json'], {
    cwd: directory,
    maxBuffer: 2 ** 24,
  })
  // It ends with 1 when it finds something.
  const { stdout } = await lint.catch((error: { readonly stdout: string }) => error)
  for (const { filename, code } of (JSON.parse(stdout) as { diagnostics: { filename: string; code: string }[] }).diagnostics) {
    const file = filename.replaceAll('\\', '/')
    broken.set(file, [...(broken.get(file) ?? []), code])
  }
})

afterAll(() => rm(directory, { recursive: true, force: true }))

const ofTheClock = /no-restricted-(globals|imports|properties)|no-current-date/

test.each(raw.flatMap((text, index) => ['queue', 'worker'].map((folder) => [folder, text, index] as const)))(
  'the lint refuses in %s: %s',
  (folder, _text, index) => {
    expect(broken.get(fileOf(folder, 'raw', index))?.some((code) => ofTheClock.test(code))).toBe(true)
  },
)

test('it lets pass what is no time, tests, and the store, which has the clock', () => {
  for (const folder of ['queue', 'worker', 'store'])
    for (const index of allowed.keys()) expect(broken.get(fileOf(folder, 'allowed', index))).toBeUndefined()
  expect(broken.get(fileOf('worker', 'raw', 0, '.test.ts'))).toBeUndefined()
  expect(broken.get(fileOf('store', 'raw', 0))).toBeUndefined()
})
