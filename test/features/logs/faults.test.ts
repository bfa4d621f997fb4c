import { Queue } from '@ripen/queue'
import { logScript, Shard } from '@ripen/queue/internal'
import { internals } from '@ripen/store/internal'
import { Worker } from '@ripen/worker'
import { expect, inject, onTestFinished, test } from 'vitest'
import { Deferred, Gate } from '../../queue/gate.ts'
import { runningWorker } from '../../queue/running-worker.ts'
import { prefixOf } from '../../queue/stored-keys.ts'
import { capturedLog } from '../../store/captured-log.ts'
import { until, within } from '../../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../../support/proxy.ts'
import { describeWithRedisServer } from '../../support/redis-server.ts'
import { testStore } from '../../support/test-store.ts'

const inTime = { timeout: '20 s' } as const

async function behindProxy(): Promise<{ proxy: TcpProxy; queue: Queue<any>; direct: Queue<any> }> {
  const { url } = inject('testServer')
  const proxy = await tcpProxy(url)
  onTestFinished(() => proxy.close())
  const queue = new Queue<any>('work', { store: testStore(proxy.url) })
  const direct = new Queue<any>('work', { store: testStore(url, { prefix: prefixOf(queue) }) })
  return { proxy, queue, direct }
}

describeWithRedisServer('lines of logs and a server that fails', () => {
  test('what is logged while the server is away is there before the job has ended, once and in order', async () => {
    const { proxy, queue, direct } = await behindProxy()
    const [gate, begun] = [new Gate(), new Deferred<void>()]
    await runningWorker(queue, async (_job, { log }) => {
      log('before')
      begun.resolve()
      await gate.opened
      for (let i = 1; i <= 50; i++) log(`away ${i}`)
    })
    const job = await direct.add('some', 1)
    await within(10_000, begun.promise, 'the start')
    await until(async () => (await job.logs()).length === 1, 10_000, 'the first line')
    proxy.refuse()
    proxy.cut()
    gate.open()
    // Longer than the lines take to be sent.
    await until(() => internals(queue.store).caller.trouble !== undefined, 10_000, 'the outage')
    await proxy.accept()
    await job.wait(inTime)
    expect((await job.logs()).map(({ n, message }) => `${n} ${message}`)).toEqual([
      '1 before',
      ...Array.from({ length: 50 }, (_value, index) => `${index + 2} away ${index + 1}`),
    ])
  })

  test('an answer that is lost makes no line come twice', async () => {
    const { proxy, queue, direct } = await behindProxy()
    await direct.ready()
    await runningWorker(queue, async (_job, { log }) => {
      for (let i = 1; i <= 20; i++) {
        log(`line ${i}`)
        if (i % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 30))
      }
    })
    const cut = proxy.cutAfterRequest((request) => request.includes('"line 1"'))
    const job = await direct.add('some', 1)
    await within(10_000, cut, 'the cut')
    await job.wait(inTime)
    expect((await job.logs()).map(({ n, message }) => `${n} ${message}`)).toEqual(
      Array.from({ length: 20 }, (_value, index) => `${index + 1} line ${index + 1}`),
    )
  })

  test('a handler that has lost its job adds nothing to the log of the one that has it', async () => {
    const { url } = inject('testServer')
    const queue = new Queue<any>('work', { store: testStore(url) })
    const [gate, begun] = [new Gate(), new Deferred<void>()]
    let runs = 0
    const errors: string[] = []
    const worker = await runningWorker(queue, async (_job, { log }) => {
      const run = ++runs
      log(`run ${run}`)
      if (run > 1) return
      begun.resolve()
      await gate.opened
      log('lost')
    })
    worker.on('error', (error) => errors.push((error as Error & { code: string }).code))
    const job = await queue.add('some', 1)
    await within(10_000, begun.promise, 'the start')
    await until(async () => (await job.logs()).length === 1, 10_000, 'the first line')
    // Another worker has taken it.
    const { keys } = new Shard(queue.store, queue.name, queue.definition.settings)
    const lease = (await queue.store.redis.hget(keys.leases, job.id)) ?? ''
    await queue.store.redis.hset(
      keys.leases,
      job.id,
      lease.replace(/^\d+/, (fence) => String(Number(fence) + 1)),
    )
    gate.open()
    await until(() => errors.length > 0, 10_000, 'the loss')
    expect(errors[0]).toBe('RIPEN_LEASE_LOST')
    expect((await job.logs()).map(({ message }) => message)).toEqual(['run 1'])
  })

  test('lines that the server refuses for good are told, and hold up no job', async () => {
    const { url } = inject('testServer')
    const queue = new Queue<any>('work', { store: testStore(url) })
    const { keys } = new Shard(queue.store, queue.name, queue.definition.settings)
    const errors: Error[] = []
    const worker = await runningWorker(queue, async (_job, { log }) => {
      log('one')
      log('two')
      return 'done'
    })
    worker.on('error', (error) => errors.push(error))
    await queue.pause()
    const jobs = await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'some' })))
    await queue.store.redis.set(keys.logs, 'of another type')
    await queue.resume()
    for (const job of jobs) expect(await job.wait(inTime)).toBe('done')
    const lost = (): number => errors.reduce((sum, { message }) => sum + Number(/(\d+) are lost/.exec(message)?.[1] ?? 0), 0)
    await until(() => lost() === 40, 10_000, 'that all are told of')
    expect(errors.length).toBeLessThan(10)
    expect(errors[0]).toMatchObject({ code: 'RIPEN_COMMAND', message: expect.stringContaining('the server refuses lines of logs') })
    await queue.store.redis.del(keys.logs)
  })

  test('a close while the server is away ends in time, and says how many lines are lost', async () => {
    const { proxy, queue, direct } = await behindProxy()
    const { logger, entries } = capturedLog()
    const [gate, begun] = [new Gate(), new Deferred<void>()]
    const worker = new Worker<any>(
      queue,
      async (_job, { log }) => {
        begun.resolve()
        await gate.opened
        for (let i = 1; i <= 5; i++) log(`away ${i}`)
      },
      { logger },
    )
    const ended = worker.run()
    await direct.add('some', 1)
    await within(10_000, begun.promise, 'the start')
    proxy.refuse()
    proxy.cut()
    gate.open()
    await within(5_000, worker.close({ timeout: 2_000 }), 'the close')
    await within(1_000, ended, 'the end of run()')
    expect(entries.filter(({ message }) => message.includes('lines of logs'))).toEqual([
      { level: 'warn', message: 'the worker closed before lines of logs were stored', fields: { queue: 'work', lines: 5 } },
    ])
    await proxy.accept()
  })

  test('a call has at most about 100 jobs and half a megabyte', async () => {
    const { url } = inject('testServer')
    const queue = new Queue<any>('work', { store: testStore(url) })
    const gate = new Gate()
    let begun = 0
    const client = await internals((await queue.ready()).store).caller.client()
    const send = client.sendCommand.bind(client)
    const sizes: number[] = []
    client.sendCommand = ((command: { args: unknown[] }) => {
      if (command.args[0] === logScript.sha) sizes.push(command.args.reduce((sum: number, part) => sum + String(part).length, 0))
      return send(command as never)
    }) as typeof client.sendCommand
    await runningWorker(
      queue,
      async (_job, { log }) => {
        begun++
        await gate.opened
        for (let i = 0; i < 60; i++) log('x'.repeat(1_000))
      },
      { concurrency: 150 },
    )
    const jobs = await queue.addBulk(Array.from({ length: 150 }, () => ({ name: 'some' })))
    await until(() => begun === 150, 15_000, 'the start of all')
    gate.open()
    await Promise.all(jobs.map((job) => job.wait(inTime)))
    for (const job of jobs) expect((await job.logs({ limit: 1_000 })).length).toBe(60)
    expect(sizes.length).toBeLessThan(60)
    expect(Math.max(...sizes)).toBeLessThan(620_000)
  })

  test('a job that ends sends its own lines alone, and waits for no call with those of others', async () => {
    const { url } = inject('testServer')
    const queue = new Queue<any>('work', { store: testStore(url) })
    const client = await internals((await queue.ready()).store).caller.client()
    const send = client.sendCommand.bind(client) as (command: { args: unknown[] }) => Promise<unknown>
    const [gate, end, answers] = [new Gate(), new Gate(), new Gate()]
    onTestFinished(() => answers.open())
    let begun = 0
    await runningWorker(
      queue,
      async (job, { log }) => {
        begun++
        await (job.data === 'quick' ? end : gate).opened
        for (let i = 1; i <= 10; i++) log(`line ${i}`)
        if (job.data !== 'quick') await answers.opened
      },
      { concurrency: 21 },
    )
    const others = await queue.addBulk(Array.from({ length: 20 }, () => ({ name: 'some' })))
    await until(() => begun === 20, 10_000, 'the start of the others')
    const quick = await queue.add('some', 'quick')
    await until(() => begun === 21, 10_000, 'the start of all')
    const sent: string[][] = []
    client.sendCommand = ((command: { args: unknown[] }) => {
      if (command.args[0] !== logScript.sha) return send(command)
      const ids = [quick, ...others].map(({ id }) => id).filter((id) => command.args.includes(id))
      sent.push(ids)
      return ids.includes(quick.id) ? send(command) : answers.opened.then(() => send(command))
    }) as typeof client.sendCommand
    gate.open()
    await until(() => sent.length === 1, 10_000, 'the call of the others')
    end.open()
    await within(5_000, quick.wait(), 'the job that ends')
    expect(sent).toEqual([others.map(({ id }) => id), [quick.id]])
    expect((await quick.logs()).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    answers.open()
    for (const job of others) {
      await job.wait(inTime)
      expect((await job.logs()).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    }
  })
})
