import type { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import type { Command } from 'ioredis'
import { beforeEach, expect, test, vi } from 'vitest'
import { addScript } from '../../packages/queue/src/scripts.generated.ts'
import { onEachServer } from '../support/conformance.ts'
import { testQueue } from './test-queue.ts'

/** Counts what goes over the queue's connection as a call of the add script. */
class AddCalls {
  count = 0
  most = 0
  #underWay = 0

  static async of(queue: Queue): Promise<AddCalls> {
    await queue.add('first', 1) // opens the session
    const calls = new AddCalls()
    const client = await internals(queue.store).caller.client()
    const send = client.sendCommand.bind(client) as (command: Command) => Promise<unknown>
    vi.spyOn(client, 'sendCommand').mockImplementation(((command: Command) => calls.#counted(command, send)) as typeof client.sendCommand)
    return calls
  }

  async #counted(command: Command, send: (command: Command) => Promise<unknown>): Promise<unknown> {
    if (command.args[0] !== addScript.sha) return send(command)
    this.count++
    this.most = Math.max(this.most, ++this.#underWay)
    try {
      return await send(command)
    } finally {
      this.#underWay--
    }
  }
}

onEachServer((_name, server) => {
  let queue: Queue
  let calls: AddCalls

  beforeEach(async () => {
    queue = testQueue(server)
    calls = await AddCalls.of(queue)
  })

  // More than 250 are halved: the server works on the one call while the other is written.
  test.for([
    [2, 1],
    [250, 1],
    [500, 2],
    [4_100, 12],
  ] as const)('%i adds of one tick travel in at most %i calls, of which at most four are under way', async ([adds, most]) => {
    const jobs = await Promise.all(Array.from({ length: adds }, (_value, i) => queue.add('some', { i })))
    expect(calls.count).toBeLessThanOrEqual(most)
    expect(calls.most).toBeLessThanOrEqual(4)
    expect(new Set(jobs.map((job) => job.id)).size).toBe(adds)
    expect(jobs.map((job) => job.data.i)).toEqual(Array.from({ length: adds }, (_value, i) => i))
    expect((await queue.counts()).ready).toBe(adds + 1)
  })

  test('a call has at most 1 MiB of rows, except a single larger job', async () => {
    const data = 'x'.repeat(600_000)
    await Promise.all([1, 2, 3].map(() => queue.add('large', data)))
    expect(calls.count).toBe(3)
  })

  test('adds one after the other are a call each', async () => {
    for (let i = 0; i < 5; i++) await queue.add('some', i)
    expect(calls.count).toBe(5)
  })

  test('each caller gets its own result or error', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const results = await Promise.allSettled([
      queue.add('good', 1),
      queue.add('good', 1, { delay: 'soon' as '1 s' }),
      queue.add('good', 2, { delay: '1 h' }),
      queue.add('good', cyclic),
      queue.add('good', 3, { id: 'mine' }),
      queue.add('good', 4, { id: 'mine' }),
      queue.add('\n', 5),
    ])
    expect(
      results.map((result) =>
        result.status === 'fulfilled' ? [result.value.state, result.value.data, result.value.duplicate] : result.reason.code,
      ),
    ).toEqual([
      ['ready', 1, false],
      'RIPEN_CONFIGURATION',
      ['scheduled', 2, false],
      'RIPEN_INVALID_JOB',
      ['ready', 3, false],
      ['ready', 3, true],
      'RIPEN_CONFIGURATION',
    ])
    expect(calls.count).toBe(1)
    expect(await queue.counts()).toMatchObject({ ready: 3, scheduled: 1 })
  })
})
