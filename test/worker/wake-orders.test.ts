import { defineQueue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Settler } from '../../packages/worker/src/shard/settler.ts'
import { Client } from '../model/client.ts'
import { Gate } from '../queue/gate.ts'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { onEachServer } from '../support/conformance.ts'
import { until } from '../support/deadline.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'

// The orders of events in which nobody would wait for a job that is soon due, or everybody for a token: see
// FULL_… in model/README.md. Times are so long that nothing happens by itself.
onEachServer((_name, server) => {
  let prefix: string
  let first: Client
  let second: Client

  beforeEach(async () => {
    prefix = randomPrefix()
    first = await client()
    second = await client()
  })

  async function client(): Promise<Client> {
    const client = new Client(testStore(server.url, { prefix }), defineQueue('work'), { lease: 200_000, suspectAt: 2 })
    onTestFinished(() => client.queue.close())
    await client.employ()
    return client
  }

  /** Takes the token, if there is one. */
  async function popToken(): Promise<boolean> {
    const { queue, shard } = first
    return (await internals(queue.store).caller.call((redis) => redis.lpop(shard.keys.wake))) !== null
  }

  test('a keeper that becomes full is told no time later than the one that adds compare with', async () => {
    const soon = await first.queue.add('soon', 1, { delay: 60_000 })
    await first.settler.settle(0, [], 1, false)
    await soon.remove()
    await first.queue.add('now', 2)
    await popToken()
    const { taken, next } = await first.settler.settle(0, [], 1, false)
    expect(taken).toHaveLength(1)
    await first.queue.add('later', 3, { delay: 90_000 })
    expect(await popToken()).toBe(false)
    expect(next).toBeLessThanOrEqual(60_000)
  })

  test('a keeper that is full arms anew for what comes earlier, and when its time is over', async () => {
    await first.queue.add('now', 1)
    await first.settler.settle(0, [], 2, false)
    await first.queue.add('soon', 2, { delay: 60_000 })
    expect((await first.settler.settle(0, [], 0, false)).next).toBeLessThanOrEqual(60_000)
    await popToken()
    await first.queue.add('later', 3, { delay: 90_000 })
    expect(await popToken()).toBe(false)
    for (const { queue } of [first, second]) queue.store.clockOffset = 70_000
    expect((await first.settler.settle(0, [], 0, false)).next).toBeLessThanOrEqual(20_000)
    await popToken()
    await first.queue.add('last', 4, { delay: 30_000 })
    expect(await popToken()).toBe(false)
  })

  test('one token tells of two jobs: who takes the first, and is full, passes it on for the second', async () => {
    await first.settler.settle(0, [], 1, false)
    await first.queue.addBulk([{ name: 'now' }, { name: 'soon', options: { delay: 500 } }])
    await popToken()
    expect(await second.settler.settle(0, [], 1, false)).toMatchObject({ taken: [{}], next: undefined })
    expect(await popToken()).toBe(true)
    expect((await first.settler.settle(0, [], 1, false)).next).toBeLessThanOrEqual(500)
    await second.settler.settle(0, [], 0, false)
    expect(await popToken()).toBe(false)
  })

  test('a retry that a full worker reports puts a token when it comes before the armed time', async () => {
    await first.settler.settle(0, [], 1, false)
    await first.queue.add('tried', 1)
    const { taken } = await second.settler.settle(0, [], 1, false)
    await first.settler.settle(0, [], 1, false)
    await popToken()
    const outcomes = taken.map((held) => ({ held, verdict: `${held.fence}r500;1:0:::` }))
    await second.settler.settle(0, outcomes, 0, false)
    expect(await popToken()).toBe(true)
  })

  test('on a paused queue, where all listen and nobody takes, no token goes round', async () => {
    await first.settler.settle(0, [], 1, false)
    await first.queue.pause()
    await first.queue.add('soon', 1, { delay: 500 })
    await popToken()
    await second.settler.settle(0, [], 0, false)
    expect(await popToken()).toBe(false)
  })

  test('a full worker whose calls are all under way leaves the token to others', async () => {
    const gate = new Gate()
    const worker = await runningWorker(second.queue, async ({ name }) => void (name !== 'quick' && (await gate.opened)), { prefetch: 0 })
    const idle = nextEvent(worker, 'drained')
    await first.queue.add('quick')
    await idle
    const { settle } = Settler.prototype // oxlint-disable-line typescript/unbound-method -- called with its own `this`
    let answered = 0
    const held = vi.spyOn(Settler.prototype, 'settle').mockImplementation(async function (this: Settler, ...call) {
      const settled = await settle.apply(this, call)
      answered++
      await gate.opened
      return settled
    })
    onTestFinished(() => held.mockRestore())
    // The first call takes a job and passes the token on, which makes the worker call again, on its other
    // lane.
    await first.queue.addBulk([{ name: 'one' }, { name: 'two' }])
    await until(() => answered === 2, 5_000, 'two calls')
    expect(await popToken()).toBe(true)
    gate.open()
  })
})
