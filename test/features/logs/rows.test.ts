import type { LogLine, Queue } from '@ripen/queue'
import { Shard, logScript } from '@ripen/queue/internal'
import { internals } from '@ripen/store/internal'
import { beforeEach, expect, test } from 'vitest'
import { Deferred, Gate } from '../../queue/gate.ts'
import { runningWorker } from '../../queue/running-worker.ts'
import { testQueue } from '../../queue/test-queue.ts'
import { onEachServer } from '../../support/conformance.ts'
import { until, within } from '../../support/deadline.ts'

const inTime = { timeout: '15 s' } as const

function shardOf(queue: Queue<any>): Shard {
  return new Shard(queue.store, queue.name, queue.definition.settings)
}

function messages(lines: readonly LogLine[]): string[] {
  return lines.map(({ n, message }) => `${n} ${message}`)
}

onEachServer((_name, server) => {
  let queue: Queue

  beforeEach(() => {
    queue = testQueue(server)
  })

  test('a queue uses the feature from the first line on', async () => {
    const features = () => internals(queue.store).caller.call((client) => client.hget(shardOf(queue).keys.meta, 'features'))
    await runningWorker(queue, async (job, { log }) => {
      if (job.data === 'loud') log('here')
    })
    await (await queue.add('some', 'quiet')).wait(inTime)
    expect(await features()).toBeNull()
    await (await queue.add('some', 'loud')).wait(inTime)
    expect(await features()).toBe('logs')
    await (await queue.add('some', 'quiet', { unique: 'k' })).wait(inTime)
    expect(await features()).toBe('logs unique')
  })

  test('lines of a lease that is lost are refused, and a copy of a call adds nothing', async () => {
    const [gate, begun] = [new Gate(), new Deferred<number>()]
    await runningWorker(queue, async (_job, { fence, log }) => {
      log('mine')
      begun.resolve(fence)
      await gate.opened
      log('still mine')
    })
    const job = await queue.add('some', 1)
    const fence = await within(10_000, begun.promise, 'the line')
    await until(async () => (await job.logs()).length === 1, 5_000, 'the line')
    const write = (of: number, first: number, ...lines: string[]) =>
      shardOf(queue).script(logScript, {}, [job.id, String(of), first, lines.length, lines.join('\n')])
    expect(await write(fence - 1, 1, '[1,"stale"]')).toEqual([0])
    expect(await write(fence, 1, '[1,"a copy"]')).toEqual([1])
    expect(messages(await job.logs())).toEqual(['1 mine'])
    gate.open()
    await job.wait(inTime)
    expect(await write(fence, 3, '[1,"after the end"]')).toEqual([0])
    expect(messages(await job.logs())).toEqual(['1 mine', '2 still mine'])
  })

  test('a batch that comes again with more adds what is new, and a gap is counted', async () => {
    const gate = new Gate()
    const begun = new Deferred<number>()
    await runningWorker(queue, async (_job, { fence }) => {
      begun.resolve(fence)
      await gate.opened
    })
    const job = await queue.add('some', 1)
    const fence = String(await within(10_000, begun.promise, 'the start'))
    const write = (first: number, ...texts: string[]) =>
      shardOf(queue).script(logScript, {}, [job.id, fence, first, texts.length, texts.map((text) => `[1,"${text}"]`).join('\n')])
    await write(1, 'a', 'b')
    await write(1, 'a', 'b', 'c')
    await write(2, 'b', 'c')
    expect(messages(await job.logs())).toEqual(['1 a', '2 b', '3 c'])
    await write(10, 'j')
    expect(messages(await job.logs())).toEqual(['10 j'])
    gate.open()
    await job.wait(inTime)
  })

  test('what another client wrote into the rows is read as nothing, and written over', async () => {
    const { caller } = internals(queue.store)
    const { logs } = shardOf(queue).keys
    const job = await queue.add('some', 1)
    for (const row of ['', 'x', '1 1 1 1', '5 9 1 1\n[1,"a"]\nno line', `1 1 1 1\n${'x'.repeat(100_000)}`]) {
      await caller.call((client) => client.hset(logs, job.id, row))
      expect((await job.logs({ limit: 1_000 })).length).toBeLessThanOrEqual(1)
    }
    await runningWorker(queue, async (_job, { log }) => log('mine'))
    await job.wait(inTime)
    expect((await job.logs()).map(({ message }) => message)).toEqual(['mine'])
  })
})
