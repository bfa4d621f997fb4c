import { createConnection, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startEmbedded, type EmbeddedServer } from '../packages/store/src/embedded/index.ts'
import { spawnFixture } from './support/child.ts'
import { until, within } from './support/deadline.ts'

let server: EmbeddedServer
let port: number

beforeEach(async () => {
  server = await startEmbedded()
  port = Number(new URL(server.url).port)
  onTestFinished(() => server.close())
})

/** A client that does not try again and keeps its errors to its commands. */
function client(url: string = server.url, options: { password?: string } = {}): Redis {
  const redis = new Redis(url, { ...options, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  redis.on('error', () => undefined)
  onTestFinished(() => redis.disconnect())
  return redis
}

/** What the server answers to a line, before or without a password. */
function answerTo(line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(`${line}\r\n`))
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

function connectionError(host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket: Socket = createConnection({ host, port }, () => {
      socket.destroy()
      resolve(undefined)
    })
    socket.once('error', resolve)
  })
}

describe('strangers on the network', () => {
  test("the machine's other addresses refuse connections", async () => {
    const others = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address !== undefined && !address.internal && !address.address.startsWith('fe80'))
    if (others.length === 0) console.log('this machine has no other address: only loopback addresses are tried')
    for (const host of [...others.map((address) => address?.address ?? ''), '127.0.0.2', '::1']) {
      expect((await connectionError(host))?.code, host).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|EHOSTUNREACH|ENETUNREACH/)
    }
    expect(await connectionError('127.0.0.1')).toBeUndefined()
  })

  test.each(['PING', 'GET a', 'EVAL "return 1" 0', 'SUBSCRIBE a', 'MULTI', 'CLIENT LIST', 'FLUSHALL', 'CONFIG GET *', 'HELLO 3'])(
    'without a password %s is refused',
    async (line) => {
      expect(await answerTo(line)).toMatch(/^-NOAUTH /)
    },
  )

  test('who has not given the password may send little', async () => {
    const socket = createConnection({ host: '127.0.0.1', port })
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    // A request that never ends.
    socket.write('*2\r\n$4\r\nPING\r\n$500000000\r\n')
    const piece = Buffer.alloc(64 * 1024)
    const send = (): void => {
      while (!socket.destroyed && socket.bytesWritten < 64 * 1024 * 1024 && socket.write(piece)) continue
    }
    socket.on('drain', send)
    send()
    await within(5_000, ended, 'the end of the connection')
    expect(socket.bytesRead).toBe(0)
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(16 * 1024 * 1024)
    expect(await client().ping()).toBe('PONG')
  })

  test('who gives the password first may send much at once', async () => {
    const value = 'x'.repeat(1_000_000)
    const password = new URL(server.url).password
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = createConnection({ host: '127.0.0.1', port }, () =>
        socket.write(`AUTH ${password}\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$${value.length}\r\n${value}\r\n`),
      )
      let text = ''
      socket.on('data', (data) => {
        text += data.toString()
        if (text.split('\r\n').length > 2) resolve(text)
      })
      socket.once('error', reject)
      onTestFinished(() => void socket.destroy())
    })
    expect(answer).toBe('+OK\r\n+OK\r\n')
  })

  test('a wrong password is refused', async () => {
    expect(await answerTo('AUTH wrong')).toMatch(/^-WRONGPASS /)
    await expect(client(`redis://127.0.0.1:${port}`, { password: 'wrong' }).get('a')).rejects.toThrow(/WRONGPASS/)
    await expect(client(`redis://127.0.0.1:${port}`).get('a')).rejects.toThrow(/NOAUTH/)
  })

  test('the password has 128 bits and is another one for each server', async () => {
    const other = await startEmbedded()
    onTestFinished(() => other.close())
    const passwords = [server.url, other.url].map((url) => new URL(url).password)
    expect(passwords[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(passwords[1]).not.toBe(passwords[0])
  })
})

describe('the life of the server', () => {
  test('a blocked main loop does not block it', async () => {
    const answers = new Int32Array(new SharedArrayBuffer(4))
    const thread = new Worker(pinger, { eval: true, workerData: { port, password: new URL(server.url).password, answers }, execArgv: [] })
    onTestFinished(async () => void (await thread.terminate()))
    await until(() => Atomics.load(answers, 0) > 0, 10_000, 'a first answer')
    const before = Atomics.load(answers, 0)
    const end = Date.now() + 10_000
    // Nothing else runs in this thread until the other one has had its answers.
    while (Atomics.load(answers, 0) < before + 20 && Date.now() < end);
    expect(Atomics.load(answers, 0)).toBeGreaterThanOrEqual(before + 20)
  })

  test('close frees the port, ends connections and may be called again', async () => {
    const redis = client()
    await redis.set('a', '1')
    const ended = new Promise((resolve) => redis.once('end', resolve))
    await Promise.all([server.close(), server.close()])
    await server.close()
    await ended
    await expect(client().ping()).rejects.toThrow()
    const successor = createServer()
    onTestFinished(() => void successor.close())
    await new Promise<void>((resolve, reject) =>
      successor.once('error', reject).listen({ host: '127.0.0.1', port, exclusive: true }, resolve),
    )
  })

  test('it does not keep a process alive', async () => {
    const fixture = spawnFixture('open-store.mjs', ['embedded:', 'close'])
    await fixture.event('started')
    expect(await fixture.exit()).toEqual({ code: 0, signal: null })
  })
})

describe('differences from Redis that are mended', () => {
  test('a push does not go to a blocked client that has left', async () => {
    const redis = client()
    const waiting = client()
    await waiting.ping()
    // Sent together: when the first has been done, the second blocks.
    waiting.set('sent', 'yes').catch(() => undefined)
    const popped = waiting.blpop('list', 10).catch(() => 'left')
    await until(async () => (await redis.get('sent')) === 'yes', 5_000, 'the blocked client')
    waiting.disconnect()
    await popped
    await until(
      async () => ((await redis.client('LIST')) as string).trim().split('\n').length === 1,
      5_000,
      'the end of the blocked client',
    )
    await redis.rpush('list', 'kept')
    expect(await redis.lrange('list', 0, -1)).toEqual(['kept'])
  })

  test('what was sent before a disconnect is still done', async () => {
    const redis = client()
    const sender = client()
    await sender.ping()
    for (let i = 0; i < 500; i++) sender.incr('counter').catch(() => undefined)
    sender.disconnect()
    expect(await until(async () => (await redis.get('counter')) === '500', 5_000, 'all 500 commands')).toBe(true)
  })

  test('the first word of an error reply is its code', async () => {
    await expect(client().eval("return redis.error_reply('LEASE_LOST job 42')", 0)).rejects.toThrow(/^LEASE_LOST job 42$/)
    await expect(client().eval("return redis.call('INCR', KEYS[1], 'too', 'many')", 1, 'a')).rejects.toThrow(/^ERR /)
    await expect(client().eval("redis.call('SET', KEYS[1], 'x') return redis.pcall('LPUSH', KEYS[1], 'y')", 1, 'a')).rejects.toThrow(
      /^WRONGTYPE /,
    )
  })

  test('a script that runs out of memory fails alone', async () => {
    const redis = client()
    await expect(redis.eval('return ARGV[1]', 0, 'x'.repeat(17 << 20))).rejects.toThrow(/OOM|memory/)
    expect(await redis.eval('return #ARGV[1]', 0, 'x'.repeat(1 << 20))).toBe(1 << 20)
  })

  test('a reply is what was there when the command ran', async () => {
    const redis = client()
    await redis.hset('hash', 'field', 'old')
    await redis.zadd('set', 1, 'member')
    const [hash, set] = await Promise.all([
      redis.hgetall('hash'),
      redis.zrange('set', '0', '-1', 'WITHSCORES'),
      redis.hset('hash', 'field', 'new'),
      redis.zadd('set', 2, 'member'),
    ])
    expect(hash).toEqual({ field: 'old' })
    expect(set).toEqual(['member', '1'])
    expect(await redis.copy('set', 'copy')).toBe(1)
    await redis.zadd('copy', 3, 'member')
    expect(await redis.zscore('set', 'member')).toBe('2')
  })
})

/** Asks again after each answer, and counts the answers where the main thread sees them without an event. */
const pinger = `
  const { workerData } = require('node:worker_threads')
  const socket = require('node:net').connect({ host: '127.0.0.1', port: workerData.port })
  socket.write('AUTH ' + workerData.password + '\\r\\n')
  socket.on('data', () => {
    Atomics.add(workerData.answers, 0, 1)
    socket.write('PING\\r\\n')
  })
`
