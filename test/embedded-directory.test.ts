import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Redis } from 'ioredis'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { lockDirectory } from '../packages/store/src/embedded/directory-lock.ts'
import { startPersistent, type EmbeddedServer } from '../packages/store/src/embedded/index.ts'
import { spawnFixture } from './support/child.ts'
import { until, within } from './support/deadline.ts'
import { findServerBinary } from '../packages/store/src/embedded/server-binary.ts'
import { describeWithRedisServer } from './support/redis-server.ts'
import { skipBecause } from './support/skip-because.ts'

let directory: string

beforeEach(() => {
  const created = mkdtempSync(join(tmpdir(), 'ripen-directory-'))
  directory = created
  onTestFinished(() => rmSync(created, { recursive: true, force: true }))
})

async function open(path: string = directory): Promise<EmbeddedServer> {
  const server = await startPersistent(path)
  onTestFinished(() => server.close())
  return server
}

async function ask<T>(server: EmbeddedServer, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url.slice('unix://'.length), { retryStrategy: () => null, maxRetriesPerRequest: 0 })
  redis.on('error', () => undefined)
  try {
    return await question(redis)
  } finally {
    if (redis.status !== 'end') redis.disconnect()
  }
}

const processOf = (server: EmbeddedServer): Promise<number> =>
  ask(server, async (redis) => Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // Where nobody collects orphans, a process that has ended keeps its number.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Without /proc the signal alone decides.
    return code === 'ENOENT' && process.platform !== 'linux'
  }
}

describeWithRedisServer('a server with its data in a directory', () => {
  test('keeps data over a restart', async () => {
    const first = await open()
    await ask(first, (redis) => redis.set('greeting', 'hello'))
    await first.close()
    const second = await open()
    expect(await ask(second, (redis) => redis.get('greeting'))).toBe('hello')
    expect(await ask(second, (redis) => redis.config('GET', 'maxmemory-policy'))).toContain('noeviction')
  })

  test('close ends the server and may be called again', async () => {
    const server = await open()
    const pid = await processOf(server)
    expect(isAlive(pid)).toBe(true)
    await Promise.all([server.close(), server.close()])
    expect(isAlive(pid)).toBe(false)
    await expect(ask(server, (redis) => redis.ping())).rejects.toThrow()
  })

  test('the last to close stops it, whoever started it', async () => {
    const [first, second] = [await open(), await open()]
    const pid = await processOf(first)
    expect(await processOf(second)).toBe(pid)
    await first.close()
    expect(await ask(second, (redis) => redis.ping())).toBe('PONG')
    await second.close()
    await until(() => !isAlive(pid), 5_000, 'the end of the server')
  })

  test('many that open it at once share one server, and many that close it at once stop it', async () => {
    const servers = await Promise.all(Array.from({ length: 8 }, () => open()))
    const pids = new Set(await Promise.all(servers.map(processOf)))
    expect(pids.size).toBe(1)
    await Promise.all(servers.map((server) => server.close()))
    for (const pid of pids) await until(() => !isAlive(pid), 5_000, 'the end of the server')
    expect(readdirSync(directory).filter((name) => name.includes('.lock'))).toEqual([])
  })

  test('a killed process leaves it to the next, with what it wrote', async () => {
    const fixture = spawnFixture('open-store.mjs', [`embedded:${directory}`, 'stay'])
    await fixture.event('started')
    fixture.kill('SIGKILL')
    await fixture.exit()
    const server = await open()
    expect(await ask(server, (redis) => redis.get('greeting'))).toBe('hello')
    const pid = await processOf(server)
    await server.close()
    await until(() => !isAlive(pid), 5_000, 'the end of the server')
  })

  test.each(['close', 'leave'])('a process that ends by %s takes its server along', async (end) => {
    const fixture = spawnFixture('open-store.mjs', [`embedded:${directory}`, end])
    await fixture.event('started')
    expect(await fixture.exit()).toEqual({ code: 0, signal: null })
    const log = (): string => readFileSync(join(directory, 'server.log'), 'utf8')
    await until(() => log().includes('ready to exit'), 5_000, 'the end of the server')
  })

  test('a lock of a dead process does not keep anybody out', async () => {
    const fixture = spawnFixture('open-store.mjs', [`embedded:${directory}`, 'close'])
    await fixture.exit()
    writeFileSync(join(directory, 'ripen.lock'), `${fixture.pid} 0123456789abcdef`)
    const server = await open()
    expect(await ask(server, (redis) => redis.get('greeting'))).toBe('hello')
  })

  test('a lock whose number another process has now does not keep anybody out', async () => {
    const space = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
    // The process is there, and started at another time.
    for (const owner of [`${process.ppid} 12345 ${space}`, '1']) {
      writeFileSync(join(directory, 'ripen.lock'), `${owner} 0123456789abcdef`)
      const server = await within(5_000, open(), `the start in spite of the lock ${owner}`)
      expect(await ask(server, (redis) => redis.ping())).toBe('PONG')
      await server.close()
    }
  })

  test('a lock that another thread of this process holds keeps out, one of a process before it with its number does not', async () => {
    const space = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]
    const start = readFileSync('/proc/self/stat', 'latin1').replace(/^.*\)/s, '').trim().split(' ')[19]
    const file = join(directory, 'ripen.lock')
    // Another thread, or another copy of the package, has other variables and the same number.
    writeFileSync(file, `${process.pid} ${start} ${space} 0123456789abcdef`)
    await expect(lockDirectory(directory, 100)).rejects.toThrow(`is held by process ${process.pid}`)
    writeFileSync(file, `${process.pid} 1 ${space} 0123456789abcdef`)
    const release = await lockDirectory(directory, 100)
    release()
    expect(readdirSync(directory)).toEqual([])
  })

  test('a lock of another container is taken over when it is old', async () => {
    const file = join(directory, 'ripen.lock')
    writeFileSync(file, `${process.ppid} 12345 1 0123456789abcdef`)
    const old = Date.now() / 1_000 - 3_600
    utimesSync(file, old, old)
    const server = await within(5_000, open(), 'the start')
    expect(await ask(server, (redis) => redis.ping())).toBe('PONG')
  })

  test('nobody else can read the directory and what is in it', async () => {
    const place = join(directory, 'made')
    const before = process.umask(0o002)
    onTestFinished(() => void process.umask(before))
    const server = await open(place)
    await ask(server, (redis) => redis.set('a', 'b'))
    const modeOf = (path: string): number => statSync(path).mode & 0o777
    expect(modeOf(place)).toBe(0o700)
    const files = readdirSync(place, { recursive: true, withFileTypes: true })
    expect(files.map(({ name }) => name)).toContain('server.log')
    expect(files.length).toBeGreaterThan(3)
    for (const { name, parentPath } of files) expect(modeOf(join(parentPath, name)) & 0o077, name).toBe(0)
  })

  test('a log that others could read is closed to them', async () => {
    writeFileSync(join(directory, 'server.log'), '', { mode: 0o666 })
    await open()
    expect(statSync(join(directory, 'server.log')).mode & 0o777).toBe(0o600)
  })

  test('the log is not written through a link', async () => {
    const elsewhere = join(directory, 'elsewhere')
    writeFileSync(elsewhere, 'precious')
    symlinkSync(elsewhere, join(directory, 'server.log'))
    await expect(startPersistent(directory)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'url' })
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious')
  })

  test.each([
    ['something in the way of the log', (): void => mkdirSync(join(directory, 'server.log')), /server\.log.*move what is in the way/s],
    [
      'something in the way of the socket',
      (): void => writeFileSync(join(directory, 'ripen.sock'), ''),
      /ripen\.sock is not a socket; move it away/,
    ],
    ['a directory that others may write', (): void => chmodSync(directory, 0o777), /others can write .*chmod go-w/],
  ])('%s is refused with its remedy', async (_what, spoil, message) => {
    spoil()
    await expect(startPersistent(directory)).rejects.toMatchObject({
      code: 'RIPEN_CONFIGURATION',
      option: 'url',
      message: expect.stringMatching(message) as string,
    })
  })

  test('a directory and a socket of another user are refused', async (context) => {
    skipBecause(context, process.getuid?.() !== 0, 'only root can give files away')
    const remedy = {
      code: 'RIPEN_CONFIGURATION',
      option: 'url',
      message: expect.stringMatching(/belongs to user 65534; change its owner/) as string,
    }
    const socket = join(directory, 'ripen.sock')
    writeFileSync(socket, '')
    chownSync(socket, 65_534, 65_534)
    await expect(startPersistent(directory)).rejects.toMatchObject(remedy)
    chownSync(directory, 65_534, 65_534)
    await expect(startPersistent(directory)).rejects.toMatchObject(remedy)
  })

  test('close ends the server also when its directory was removed', async () => {
    const server = await startPersistent(directory)
    const pid = await processOf(server)
    rmSync(directory, { recursive: true })
    await within(10_000, server.close(), 'the close')
    expect(isAlive(pid)).toBe(false)
  })

  test('a relative entry of PATH is found', async () => {
    const path = process.env['PATH']
    onTestFinished(() => {
      process.env['PATH'] = path
    })
    process.env['PATH'] = relative(process.cwd(), join(findServerBinary() ?? '', '..'))
    const server = await open()
    expect(await ask(server, (redis) => redis.ping())).toBe('PONG')
  })

  test('says when its server has gone', async () => {
    const server = await open()
    const failure = new Promise<Error>((resolve) => server.once('error', resolve))
    process.kill(await processOf(server), 'SIGKILL')
    expect(await within(5_000, failure, 'the error')).toMatchObject({
      code: 'RIPEN_CONNECTION',
      message: expect.stringContaining('SIGKILL') as string,
    })
    await server.close()
  })

  test('names what keeps it from starting', async () => {
    mkdirSync(join(directory, 'appendonlydir'))
    writeFileSync(join(directory, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest\n')
    await expect(startPersistent(directory)).rejects.toMatchObject({
      code: 'RIPEN_CONNECTION',
      message: expect.stringMatching(/did not start: .*code 1.*AOF/s) as string,
    })
  })

  test('a path that is too long for a socket works as well', async () => {
    const server = await open(join(directory, 'd'.repeat(120)))
    expect(Buffer.byteLength(server.url)).toBeLessThan(108)
    expect(await ask(server, (redis) => redis.ping())).toBe('PONG')
  })

  test('a directory that cannot be made is a ConfigurationError', async () => {
    await expect(startPersistent('/dev/null/jobs')).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'url' })
  })
})

test('without redis-server and valkey-server a ConfigurationError says what to install', async () => {
  const path = process.env['PATH']
  onTestFinished(() => {
    process.env['PATH'] = path
  })
  process.env['PATH'] = directory
  await expect(startPersistent(directory)).rejects.toMatchObject({
    code: 'RIPEN_CONFIGURATION',
    option: 'url',
    message: expect.stringMatching(/apt-get install redis-server.*embedded:/s) as string,
  })
})
