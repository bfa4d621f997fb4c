import { verifyQueue, type LogLine, type Queue } from '@ripen/queue'
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

  test.for<[string, string]>([
    ['nothing', ''],
    ['a word', 'x'],
    ['a head alone', '1 1 1 1'],
    ['no number', '-1 -1 -1 -1\n[1,"a"]'],
    ['no lines', '0 0 0 0\n'],
    ['more lines than there are', '5 4 1 1\n[1,"a"]\n[1,"b"]'],
    ['far more lines than there are', '1800000000 1800000000 0 0\n[1,"a"]'],
    ['fewer lines than there are', '5 1 1 1\n[1,"a"]\n[1,"b"]'],
    ['more lines than numbers', '1 2 1 1\n[1,"a"]\n[1,"b"]'],
    ['more in its attempt than numbers', '1 1 1 2\n[1,"a"]'],
    ['a number out of range', '99999999999999999999999 2 1 1\n[1,"a"]\n[1,"b"]'],
    ['a number without end', `${'9'.repeat(400)} 1 1 1\n[1,"a"]`],
    ['more lines than a job keeps', `2000 2000 1 1\n${Array.from({ length: 2_000 }, () => '[1,"a"]').join('\n')}`],
    ['more bytes than a job keeps', `1 1 1 1\n[1,"${'x'.repeat(100_000)}"]`],
  ])('a row of another client, of %s, is read as none, found and written anew', async ([, row]) => {
    const { caller } = internals(queue.store)
    const { logs } = shardOf(queue).keys
    const put = (): Promise<unknown> => caller.call((client) => client.hset(logs, job.id, row))
    const job = await queue.add('some', 1)
    await put()
    expect([await job.logs({ limit: 1_000 }), await job.logs({ after: 1 })]).toEqual([[], []])
    const finding = { invariant: 'row', id: job.id, detail: 'has a log whose lines are not those that it tells of' }
    expect((await verifyQueue(queue)).findings).toContainEqual({ ...finding, repaired: false })
    expect((await verifyQueue(queue, { repair: true })).findings).toContainEqual({ ...finding, repaired: true })
    expect(await verifyQueue(queue)).toMatchObject({ found: 0 })
    await put()
    await runningWorker(queue, async (_job, { log }) => log('mine'))
    await job.wait(inTime)
    expect(messages(await job.logs())).toEqual(['1 mine'])
    expect(await verifyQueue(queue)).toMatchObject({ found: 0 })
  })

  test('a row that tells of lines without end holds up nobody', async () => {
    const { caller } = internals(queue.store)
    const job = await queue.add('some', 1)
    await caller.call((client) => client.hset(shardOf(queue).keys.logs, job.id, '5 1800000000 0 0\n[1,"x"]'))
    expect(await within(2_000, job.logs(), 'the lines')).toEqual([])
  })

  test('lines of another client that are none are left out, and the others keep their numbers', async () => {
    const { caller } = internals(queue.store)
    const job = await queue.add('some', 1)
    const lines = ['[1,"first"]', '{"a":1}', '"text"', '[1]', '["x","m"]', '[1,5]', '[1,"m",6]', '[1,"m",[]]', '[1,"m",null]', 'no JSON']
    const row = `11 11 1 1\n${[...lines, '[2,"last",{"a":1}]'].join('\n')}`
    await caller.call((client) => client.hset(shardOf(queue).keys.logs, job.id, row))
    expect(await job.logs()).toEqual([
      { n: 1, at: 1, message: 'first', fields: {} },
      { n: 11, at: 2, message: 'last', fields: { a: 1 } },
    ])
  })
})
