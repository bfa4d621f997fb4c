import type { Queue } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { internals } from '@ripen/store/internal'
import type { Command } from 'ioredis'
import { beforeEach, expect, test, vi } from 'vitest'
import { progressScript } from '../../packages/queue/src/scripts.generated.ts'
import { Deferred, Gate } from '../queue/gate.ts'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { elsewhere, testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('progress is seen from another process while the job runs', async () => {
    const [gate, stored] = [new Gate(), new Deferred<void>()]
    const worker = await runningWorker(queue, async (_job, { progress }) => {
      await progress({ sent: 1, to: 'ada' })
      stored.resolve()
      await gate.opened
    })
    const told = nextEvent(worker, 'progress')
    const job = await queue.add('some', 1)
    await within(5_000, stored.promise, 'the progress')
    const [toldJob, value] = await told
    expect([toldJob.id, toldJob.progress, value]).toEqual([job.id, { sent: 1, to: 'ada' }, { sent: 1, to: 'ada' }])
    expect(await elsewhere(queue, server).getJob(job.id)).toMatchObject({ state: 'active', progress: { sent: 1, to: 'ada' } })
    gate.open()
    await job.wait(inTime)
    expect(await job.refresh()).toMatchObject({ state: 'completed', progress: { sent: 1, to: 'ada' } })
  })

  test('thousands of calls cost a few, and the last value wins', async () => {
    const client = await internals((await queue.ready()).store).caller.client()
    const send = client.sendCommand.bind(client) as (command: Command) => Promise<unknown>
    let calls = 0
    vi.spyOn(client, 'sendCommand').mockImplementation(((command: Command) => {
      if (command.args[0] === progressScript.sha) calls++
      return send(command)
    }) as typeof client.sendCommand)
    await runningWorker(queue, async (_job, { progress }) => {
      let last: Promise<void> | undefined
      for (let i = 1; i <= 5_000; i++) last = progress(i)
      await last
      for (let i = 5_001; i <= 10_000; i++) void progress(i)
      return 'done'
    })
    const job = await queue.add('some', 1)
    expect(await job.wait(inTime)).toBe('done')
    expect((await job.refresh())?.progress).toBe(10_000)
    expect(calls).toBeLessThanOrEqual(3)
  })

  test('progress is kept over a retry, and after a failure for good', async () => {
    await runningWorker(queue, async (job, { attempt, progress }) => {
      if (attempt === 2) throw new Error(`saw ${String(job.progress)}`)
      void progress('half')
      throw new Error('first')
    })
    const job = await queue.add('some', 1, { attempts: 2, backoff: 1 })
    await expect(job.wait(inTime)).rejects.toMatchObject({ message: 'saw half' })
    expect(await job.refresh()).toMatchObject({ state: 'failed', progress: 'half', error: { message: 'saw half' } })
  })

  test.for<[string, unknown]>([
    ['null', null],
    ['0', 0],
    ['false', false],
    ['an empty text', ''],
    ['text with separators', 'a:b;c\nd'],
  ])('progress may be %s', async ([, value]) => {
    await runningWorker(queue, async (_job, { progress }) => void progress(value))
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    expect((await job.refresh())?.progress).toEqual(value)
  })

  test.for<[string, unknown]>([
    ['a BigInt', 1n],
    ['a function', () => 1],
    ['what is too large', 'x'.repeat(2_000)],
  ])('progress refuses %s, which fails only that call', async ([, value]) => {
    const small = testQueue(server, { maxPayload: 1_000 })
    await runningWorker(small, async (_job, { progress }) => {
      void progress('good')
      return progress(value).then(
        () => 'taken',
        (error: unknown) => (error as { code: string }).code,
      )
    })
    const job = await small.add('some', 1)
    expect(await job.wait(inTime)).toBe('RIPEN_INVALID_JOB')
    expect((await job.refresh())?.progress).toBe('good')
  })

  test('progress after the end of the attempt is of no account', async () => {
    let late: ((value: unknown) => Promise<void>) | undefined
    await runningWorker(queue, async (_job, { progress }) => void (late = progress))
    const job = await queue.add('some', 1)
    await job.wait(inTime)
    await late?.('late')
    expect((await job.refresh())?.progress).toBeUndefined()
  })

  test('a worker that has lost its lease stores no progress, neither in the row nor in the channel', async () => {
    const [gate, begun] = [new Gate(), new Deferred<number>()]
    await runningWorker(queue, async (_job, { fence, progress }) => {
      await progress('mine')
      begun.resolve(fence)
      await gate.opened
    })
    const job = await queue.add('some', 1)
    const fence = await within(5_000, begun.promise, 'the progress')
    const shard = new Shard(queue.store, queue.name, queue.definition.settings)
    await shard.storeProgress(job.id, String(fence - 1), `0:0::${fence - 1}:{"progress":"stale"}`, '"stale"')
    expect((await job.refresh())?.progress).toBe('mine')
    expect(await shard.progressOf(job.id).look(undefined)).toEqual({ value: 'mine', epoch: fence, rev: 0 })
    gate.open()
    await job.wait(inTime)
  })
})
