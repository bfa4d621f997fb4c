import { type Store, TreeLock } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { lockKeys } from '../../packages/store/src/lock/lock-keys.ts'
import { lockAcquireScript, lockExtendScript, lockReleaseScript } from '../../packages/store/src/scripts.generated.ts'
import { ownServer } from '../faults/own-server.ts'
import { until, within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer, type RedisServer, type RedisServerOptions } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { expectNothingLeft, leaseLost, left, timedOut, waiting } from './lock-setup.ts'

interface Opened {
  readonly server: RedisServer
  readonly proxy: TcpProxy
  /** Through the proxy, with the scripts known to the server. */
  readonly far: Store
  /** Straight to the server. */
  readonly near: Store
}

async function opened(options?: RedisServerOptions): Promise<Opened> {
  const server = await ownServer(options)
  const proxy = await tcpProxy(server.port)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  const [far, near] = [testStore(proxy.url, { prefix }), testStore(server.url, { prefix })]
  const lease = await new TreeLock(far, 'before').acquire()
  await lease.extend()
  await lease.release()
  return { server, proxy, far, near }
}

const callOf =
  ({ sha }: { readonly sha: string }) =>
  (request: Buffer): boolean =>
    request.includes(sha)

/** Ids that are refused for a minute may stay as long. */
async function expectNothingLeftLater(store: Store): Promise<void> {
  store.clockOffset += 61_000
  await (await new TreeLock(store, 'later').acquire()).release()
  await expectNothingLeft(store)
}

describeWithRedisServer('locks in trouble', () => {
  test('an acquire whose answer was lost is granted once', async () => {
    const { proxy, far, near } = await opened()
    const cut = proxy.cutAfterRequest(callOf(lockAcquireScript))
    const lease = await new TreeLock(far, 'a').acquire()
    await cut
    expect((await left(near))['entries']).toBe(1)
    await expect(new TreeLock(near, 'a', { timeout: 0 }).acquire()).rejects.toMatchObject(timedOut)
    await lease.extend()
    expect(await lease.release()).toBe(true)
    await (await new TreeLock(near, 'a', { timeout: 0 }).acquire()).release()
    await expectNothingLeftLater(near)
  })

  test('a waiter whose question, or whose grant, got no answer keeps its turn', async () => {
    const { proxy, far, near } = await opened()
    const lease = await new TreeLock(near, 'a').acquire()
    const served: string[] = []
    const cut = proxy.cutAfterRequest(callOf(lockAcquireScript))
    const first = new TreeLock(far, 'a').acquire().then((granted) => (served.push('first'), granted))
    await cut
    await waiting(near, 1)
    const second = new TreeLock(near, 'a').acquire().then((granted) => (served.push('second'), granted))
    await waiting(near, 2)
    // Cut one question after another until it is the one that takes the lock.
    let over = false
    const cuts = (async () => {
      while (!over) await proxy.cutAfterRequest((request) => !over && callOf(lockAcquireScript)(request))
    })()
    await lease.release()
    await until(async () => (await left(near))['waiters'] === 1, 5_000, 'the grant')
    over = true
    const granted = await within(5_000, first, 'the first')
    expect(served).toEqual(['first'])
    expect(await granted.release()).toBe(true)
    await (await second).release()
    expect(served).toEqual(['first', 'second'])
    void cuts
    await expectNothingLeftLater(near)
  })

  test('a release whose answer was lost answers true, and wakes the next', async () => {
    const { proxy, far, near } = await opened()
    const lease = await new TreeLock(far, 'a').acquire()
    const next = new TreeLock(near, 'a').acquire()
    await waiting(near, 1)
    const cut = proxy.cutAfterRequest(callOf(lockReleaseScript))
    expect(await lease.release()).toBe(true)
    await cut
    expect(await (await within(500, next, 'the next')).release()).toBe(true)
    await expectNothingLeft(near)
  })

  test('an extension whose answer was lost is made again', async () => {
    const { proxy, far } = await opened()
    const lease = await new TreeLock(far, 'a').acquire()
    const cut = proxy.cutAfterRequest(callOf(lockExtendScript))
    await lease.extend('1 h')
    await cut
    expect(lease.signal.aborted).toBe(false)
    expect(await lease.release()).toBe(true)
  })

  test('a copy of an acquire that comes after the release takes nothing', async () => {
    const { server, proxy, far, near } = await opened()
    let copy = Buffer.alloc(0)
    const cut = proxy.cutBeforeRequest((request) => {
      if (!callOf(lockAcquireScript)(request)) return false
      copy = Buffer.from(request)
      return true
    })
    const lease = await new TreeLock(far, 'a').acquire()
    await cut
    expect(await lease.release()).toBe(true)
    const socket = connect(server.port, '127.0.0.1', () => socket.write(copy))
    await within(2_000, once(socket, 'data'), 'the answer to the late copy')
    socket.destroy()
    expect(await new TreeLock(near, 'a').isLocked()).toBe(false)
    await (await new TreeLock(near, [], { timeout: 0 }).acquire()).release()
    await expectNothingLeftLater(near)
  })

  test('who gives up while the question is on its way leaves no lease behind', async () => {
    const { proxy, far, near } = await opened()
    proxy.delay(100)
    const controller = new AbortController()
    const aborted = new TreeLock(far, 'a', { signal: controller.signal }).acquire()
    setImmediate(() => controller.abort(new Error('enough')))
    await expect(aborted).rejects.toThrow('enough')
    proxy.delay(0)
    // The mark of the id that is refused tells that the departure has arrived.
    await until(async () => (await left(near))['entries'] === 1, 5_000, 'the departure')
    await (await new TreeLock(near, 'a', { timeout: 0 }).acquire()).release()
    await expectNothingLeftLater(near)
  })

  test('in an outage the timeout holds, and its cause is told', async () => {
    const { server, near } = await opened()
    server.suspend()
    const start = performance.now()
    await expect(new TreeLock(near, 'a', { timeout: 400 }).acquire()).rejects.toMatchObject({
      ...timedOut,
      cause: { code: 'RIPEN_CONNECTION' },
    })
    expect(performance.now() - start).toBeGreaterThanOrEqual(390)
    expect(performance.now() - start).toBeLessThan(900)
    server.resume()
    await until(async () => (await left(near))['entries'] === 1, 5_000, 'the departure')
    await (await new TreeLock(near, 'a', { timeout: 0 }).acquire()).release()
  })

  test('in an outage a lease is given up at its end, not later', async () => {
    const { server, near } = await opened()
    const lease = await new TreeLock(near, 'a', { expires: 1_000 }).acquire()
    const start = performance.now()
    server.suspend()
    await within(3_000, once(lease.signal, 'abort'), 'the signal')
    expect(performance.now() - start).toBeLessThan(1_100)
    expect(lease.signal.reason).toMatchObject(leaseLost)
    server.resume()
    expect(await lease.release()).toBe(false)
  })

  test('the end of a lease counts from before the call, not from its answer', async () => {
    const { proxy, far } = await opened()
    proxy.delay(150)
    const start = performance.now()
    const lease = await new TreeLock(far, 'a', { expires: 900, renew: false }).acquire()
    expect(performance.now() - start).toBeGreaterThanOrEqual(300)
    await lease.extend(700)
    await within(3_000, once(lease.signal, 'abort'), 'the signal')
    // Extended 300 ms after the start, for 700 ms.
    expect(performance.now() - start).toBeGreaterThanOrEqual(999)
    expect(performance.now() - start).toBeLessThan(1_200)
  })

  test('a process that stood still reads the answer to a renewal before it gives the lease up', async () => {
    const { server, near } = await opened()
    const start = performance.now()
    const lease = await new TreeLock(near, 'a', { expires: 900 }).acquire()
    await pause(200)
    // The renewal is sent at 300 ms, and answered after 500 ms, while this process stands still.
    server.suspend()
    const resumed = once(spawn('sh', ['-c', `sleep 0.4; kill -CONT ${server.pid}`]), 'close')
    await pause(150)
    while (performance.now() < start + 1_050);
    await resumed
    await pause(20)
    expect(lease.signal.aborted).toBe(false)
    expect(await lease.release()).toBe(true)
  })

  test('holders and waiters outlast a server that is killed and comes back', { timeout: 40_000 }, async () => {
    const { server, near } = await opened({ appendonly: 'always' })
    const lease = await new TreeLock(near, 'a', { expires: '8 s' }).acquire()
    const waiter = new TreeLock(near, 'a.b', { timeout: '20 s' }).acquire()
    await waiting(near, 1)
    await server.stop()
    const end = performance.now() + 2_000
    await until(() => performance.now() >= end, 3_000, 'the end of the outage')
    await server.start()
    await lease.extend()
    expect(lease.signal.aborted).toBe(false)
    expect(await lease.release()).toBe(true)
    await (await within(2_000, waiter, 'the waiter')).release()
    await expectNothingLeftLater(near)
  })

  test('a server that has forgotten everything: the holder is told, a waiter gets the lock', async () => {
    const { server, near } = await opened()
    const lease = await new TreeLock(near, 'a', { expires: 1_500 }).acquire()
    const waiter = new TreeLock(near, 'a').acquire()
    await waiting(near, 1)
    const lost = once(lease.signal, 'abort')
    await server.restart()
    await within(2_000, lost, 'the signal')
    const next = await within(2_000, waiter, 'the waiter')
    expect(next.fence).toBeGreaterThan(lease.fence)
    expect(await lease.release()).toBe(false)
    await next.release()
  })

  test('when the message is lost a waiter looks by itself', async () => {
    const { near } = await opened()
    const lease = await new TreeLock(near, 'a').acquire()
    const waiter = new TreeLock(near, 'a').acquire()
    await waiting(near, 1)
    const { caller, options } = internals(near)
    const { entries, ends, index, waiters } = lockKeys(options.prefix)
    const ids = Object.entries(await near.redis.hgetall(entries)).flatMap(([id, entry]) => (entry.startsWith('h') ? [id] : []))
    // The waiter asks once more when it has subscribed; then it hears nothing.
    const subscribed = async (): Promise<boolean> => ((await near.redis.pubsub('CHANNELS')) as string[]).length > 0
    await until(subscribed, 5_000, 'the subscription')
    await pause(200)
    const start = performance.now()
    const call = { keys: { entries, ends, index, waiters }, arguments: { offset: 0, id: ids[0] ?? '', leave: '', channel: 'nobody' } }
    expect(await caller.script(lockReleaseScript, call)).toBe(1)
    const next = await within(1_500, waiter, 'the lock')
    expect(performance.now() - start).toBeGreaterThan(100)
    expect(await lease.release()).toBe(false)
    await next.release()
  })

  test('after a reconnect of the subscription, when messages may be lost, everybody asks', async () => {
    const { proxy, far, near } = await opened()
    const lease = await new TreeLock(near, 'a').acquire()
    const waiter = new TreeLock(far, 'a').acquire()
    await waiting(near, 1)
    await until(async () => ((await near.redis.pubsub('CHANNELS')) as string[]).length > 0, 5_000, 'the subscription')
    proxy.refuse()
    proxy.cut()
    await lease.release()
    await proxy.accept()
    expect(await (await within(2_000, waiter, 'the lock')).release()).toBe(true)
  })

  test('with memory full, and with scripts forgotten, locks go on', async () => {
    const { near } = await opened()
    const lease = await new TreeLock(near, 'a').acquire()
    const waiter = new TreeLock(near, 'a').acquire()
    await waiting(near, 1)
    await near.redis.config('SET', 'maxmemory', '1')
    await near.redis.script('FLUSH')
    await lease.extend()
    expect(await lease.release()).toBe(true)
    await (await within(500, waiter, 'the lock')).release()
    await expectNothingLeft(near)
  })
})
