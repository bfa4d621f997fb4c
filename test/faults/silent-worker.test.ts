import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { expect, onTestFinished, test } from 'vitest'
import { nextEvent } from '../queue/running-worker.ts'
import { within } from '../support/deadline.ts'
import { MovableClock } from '../support/movable-clock.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

describeWithRedisServer('a worker that takes nothing says so within 5 s, and says when it goes on:', () => {
  function worker(queue: Queue<any>): Worker {
    const made = new Worker(queue, async () => 'done')
    const ended = made.on('error', () => undefined).run()
    onTestFinished(async () => {
      await made.close({ timeout: 500 })
      await ended
    })
    return made
  }

  test('one that runs, when the server stands still', async () => {
    const server = await ownServer()
    const clock = new MovableClock({ runs: true })
    const queue = new Queue('silent', { store: testStore(server.url, { clock }) })
    const silent = worker(queue)
    await silent.ready()
    await (await queue.add('some')).wait({ timeout: '5 s' })
    onTestFinished(() => server.resume())
    server.suspend()
    const silence = nextEvent(silent, 'error')
    await clock.advance(5_000)
    const [error] = await silence
    expect(error).toMatchObject({ code: 'RIPEN_CONNECTION', message: expect.stringContaining('takes no jobs') as string })
    const recovered = nextEvent(silent, 'recovered')
    server.resume()
    await recovered
    expect(await (await queue.add('some')).wait({ timeout: '5 s' })).toBe('done')
  })

  test('one that starts, when its heartbeat hangs', async () => {
    const server = await ownServer()
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    const queue = new Queue('silent', { store: testStore(proxy.url) })
    await queue.add('some')
    // Connections that are open go on, new ones are swallowed: nothing fails.
    proxy.swallowNew()
    const told = worker(queue)
    const [error] = await nextEvent(told, 'error', () => true, 6_000)
    expect((error as Error).message).toMatch(/takes no jobs: its first heartbeat has not reached the server/)
    const recovered = nextEvent(told, 'recovered', () => true, 20_000)
    proxy.restore()
    proxy.cut()
    await within(20_000, recovered, 'the recovery')
  })
})
