import { defineQueue, job, Queue, type StandardSchema } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { expect, test } from 'vitest'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { storedKeys } from '../queue/stored-keys.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'

const inTime = { timeout: '15 s' } as const

/** A Standard Schema by hand: what the check answers is the output, what it throws an issue. */
function schema<Input, Output>(check: (value: Input) => Output, { later = false } = {}): StandardSchema<Input, Output> {
  const validate = (
    value: unknown,
  ): { value: Output } | { issues: { message: string; path: (PropertyKey | { key: PropertyKey })[] }[] } => {
    try {
      return { value: check(value as Input) }
    } catch (error) {
      return { issues: [{ message: (error as Error).message, path: ['to', { key: 0 }] }] }
    }
  }
  return { '~standard': { version: 1, vendor: 'test', validate: later ? async (value) => validate(value) : validate } }
}

const address = (value: { to: string }): { to: string; host: string } => {
  if (!value?.to?.includes('@')) throw new Error('is no address')
  return { to: value.to, host: value.to.split('@')[1] as string }
}
const positive = (value: number): string => {
  if (!(value > 0)) throw new Error('is not positive')
  return `number ${value}`
}

const definition = (later: boolean) =>
  defineQueue('work', {
    jobs: {
      mail: job({ data: schema(address, { later }), attempts: 3, backoff: 1 }),
      number: job({ data: schema((value: number) => value), result: schema(positive, { later }), attempts: 3, backoff: 1 }),
      mine: job<{ key: string }, string>({ id: (data) => data.key, priority: -7 }),
    },
  })

onEachServer((_name, server) => {
  test.for([false, true])(
    'data is checked in add and nothing is written; the handler gets the output of the schema (asynchronous: %s)',
    async (later) => {
      const queue = new Queue(definition(later), { store: testStore(server.url) })
      await queue.ready()
      const before = await storedKeys(queue)
      await expect(queue.add('mail', { to: 'nobody' })).rejects.toMatchObject({
        code: 'RIPEN_INVALID_JOB',
        issues: [{ message: 'is no address', path: ['to', 0] }],
        message: expect.stringMatching(/mail.*to\.0: is no address/),
      })
      await expect(
        queue.addBulk([
          { name: 'mail', data: { to: 'a@b' } },
          { name: 'mail', data: { to: 'nobody' } },
        ]),
      ).rejects.toMatchObject({
        code: 'RIPEN_INVALID_JOB',
        message: expect.stringContaining('jobs[1]'),
      })
      expect(await storedKeys(queue)).toEqual(before)

      await runningWorker(queue, { mail: async ({ data }) => data, number: async () => '1', mine: async () => '' })
      const added = await queue.add('mail', { to: 'ada@example.org' })
      expect(added.data).toEqual({ to: 'ada@example.org' })
      expect(await added.wait(inTime)).toEqual({ to: 'ada@example.org', host: 'example.org' })
      expect((await added.refresh())?.data).toEqual({ to: 'ada@example.org' })
      await queue.close()
    },
  )

  test('data that the schema of the worker refuses fails the job without retry, and without its handler', async () => {
    const store = testStore(server.url)
    const producer = new Queue('work', { store })
    const consumer = new Queue(definition(false), { store })
    let ran = false
    const worker = await runningWorker(consumer, { mail: async () => (ran = true), number: async () => '1', mine: async () => '' })
    const failed = nextEvent(worker, 'failed')
    const bad = await producer.add('mail', { to: 'nobody' }, { attempts: 5, backoff: 1 })
    await expect(bad.wait(inTime)).rejects.toMatchObject({ code: 'RIPEN_JOB_FAILED', cause: { code: 'RIPEN_INVALID_JOB' } })
    expect((await failed)[0]).toMatchObject({ state: 'failed', attempt: 1 })
    expect(ran).toBe(false)
  })

  test('a result that the schema refuses fails the job without retry; its output is the result', async () => {
    const queue = new Queue(definition(true), { store: testStore(server.url) })
    let runs = 0
    await runningWorker(queue, {
      mail: async () => 1,
      number: async ({ data }) => {
        runs++
        return data as unknown as string
      },
      mine: async () => '',
    })
    expect(await (await queue.add('number', 5)).wait(inTime)).toBe('number 5')
    await expect((await queue.add('number', -5)).wait(inTime)).rejects.toMatchObject({
      cause: { code: 'RIPEN_INVALID_JOB', message: expect.stringContaining('is not positive') },
    })
    expect(runs).toBe(2)
  })

  test("a kind's defaults lie between the options of the job and those of the queue; its id is made of the data", async () => {
    const queue = new Queue(
      defineQueue('work', {
        jobs: { mine: job<{ key: string }>({ id: (data) => data.key, priority: -7, attempts: 2 }) },
        defaults: { priority: 5, timeout: 900 },
      }),
      {
        store: testStore(server.url),
      },
    )
    const first = await queue.add('mine', { key: 'k-1' })
    expect(first).toMatchObject({ id: 'k-1', duplicate: false, options: { priority: -7, attempts: 2, timeout: 900 } })
    expect(await queue.add('mine', { key: 'k-1' })).toMatchObject({ id: 'k-1', duplicate: true })
    expect(await queue.add('mine', { key: 'k-1' }, { id: 'other', priority: 0 })).toMatchObject({
      id: 'other',
      duplicate: false,
      options: { attempts: 2 },
    })
    expect((await queue.getJob('other'))?.options.priority ?? 0).toBe(0)
    await expect(queue.add('mine', { key: '~no' })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'id' })
    await expect(queue.addBulk([{ name: 'mine', data: { key: '' } }])).rejects.toMatchObject({
      code: 'RIPEN_CONFIGURATION',
      option: 'jobs[0].id',
    })
  })

  test.for([false, true])('what is changed after the call of add is not stored (asynchronous: %s)', async (later) => {
    const queue = new Queue(definition(later), { store: testStore(server.url) })
    const data = { to: 'ada@example.org' }
    const adding = queue.add('mail', data)
    data.to = 'nobody'
    const added = await adding
    expect((await queue.getJob(added.id))?.data).toEqual({ to: 'ada@example.org' })
    await queue.close()
  })

  test('a name that is not defined is refused, and the known ones are told', async () => {
    const queue = new Queue(definition(false), { store: testStore(server.url) })
    await expect(queue.add('mial' as 'mail', { to: 'a@b' })).rejects.toMatchObject({
      code: 'RIPEN_CONFIGURATION',
      option: 'name',
      message: expect.stringContaining('mail, number, mine'),
    })
    await expect(queue.add('toString' as 'mail', { to: 'a@b' })).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'name' })
  })

  test('a worker made of the definition has the schemas as well', async () => {
    const store = testStore(server.url)
    const worker = new Worker(
      definition(false),
      { mail: async ({ data }) => data.host, number: async () => '1', mine: async () => '' },
      { store },
    )
    const ended = worker.run()
    const producer = new Queue(definition(false), { store })
    expect(await (await producer.add('mail', { to: 'ada@host' })).wait(inTime)).toBe('host')
    await worker.close()
    await ended
    await producer.close()
  })
})
