import { registryKeys } from '../../packages/store/src/endpoint/keys.ts'
import type { Queue } from '@ripen/queue'
import type { EndpointClient } from '@ripen/store'
import { Snooze, Worker } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { alertsOf, clientOf, refusal } from '../endpoint/running.ts'
import { workerProcess } from '../faults/worker-process.ts'
import { Gate } from '../queue/gate.ts'
import { nextEvent, runningWorker } from '../queue/running-worker.ts'
import { prefixOf } from '../queue/stored-keys.ts'
import { elsewhere, testQueue } from '../queue/test-queue.ts'
import { onEachServer } from '../support/conformance.ts'
import { until, within } from '../support/deadline.ts'
import { endpointKeys, served } from './served.ts'

const inTime = { timeout: '15 s' } as const
const names = ['concurrency', 'paused', 'active', 'rate', 'rss']

onEachServer((_name, server) => {
  let queue: Queue
  let client: EndpointClient

  beforeEach(() => {
    queue = testQueue(server)
    client = clientOf(elsewhere(queue, server).store)
  })

  test('its endpoints are read from elsewhere', async () => {
    const gate = new Gate()
    const worker = await runningWorker(queue, () => gate.opened, { concurrency: 3 })
    await served(worker, client)
    const read = async (name: string): Promise<unknown> => (await client.get(`${worker.address}.${name}`)).value_raw
    expect(await client.list(worker.address)).toEqual(names)
    expect(await Promise.all(names.slice(0, 4).map(read))).toEqual([3, false, 0, 0])
    const jobs = await queue.addBulk([{ name: 'some' }, { name: 'some' }])
    await until(async () => (await read('active')) === 2, 5_000, 'two handlers that run')
    expect(worker.active).toBe(2)
    const rss = Number(await read('rss'))
    expect(rss / process.memoryUsage.rss()).toBeCloseTo(1, 0)
    gate.open()
    await Promise.all(jobs.map((job) => job.wait(inTime)))
    await until(async () => (await read('active')) === 0, 5_000, 'no handler that runs')
    expect(await read('rate')).toBeGreaterThan(0)
    expect(worker.rate).toBeGreaterThan(0)
  })

  test('concurrency that is set from elsewhere holds at once; what is none is refused and changes nothing', async () => {
    const gate = new Gate()
    const worker = await runningWorker(queue, () => gate.opened)
    await served(worker, client)
    const address = `${worker.address}.concurrency`
    await queue.addBulk(Array.from({ length: 5 }, () => ({ name: 'some' })))
    await until(() => worker.active === 1, 5_000, 'a handler that runs')
    expect(await client.set(address, 3)).toBe(3)
    expect(worker.concurrency).toBe(3)
    await until(() => worker.active === 3, 5_000, 'three handlers that run')
    for (const value of [0, -1, 1.5, 100_001, '5', true, null, [4]])
      await expect(client.set(address, value)).rejects.toMatchObject(refusal(304))
    expect(await client.get(address)).toEqual({ value_raw: 3 })
    expect(worker.concurrency).toBe(3)
    worker.concurrency = 2
    expect(await client.get(address)).toEqual({ value_raw: 2 })
    gate.open()
  })

  test('a worker that is paused from elsewhere answers without waiting for what runs, and takes nothing until it is resumed', async () => {
    const gate = new Gate()
    const worker = await runningWorker(queue, () => gate.opened)
    await served(worker, client)
    const address = `${worker.address}.paused`
    const first = await queue.add('some')
    await until(() => worker.active === 1, 5_000, 'a handler that runs')
    expect(await client.set(address, true)).toBe(true)
    expect(worker.paused).toBe(true)
    expect(await client.get(address)).toEqual({ value_raw: true })
    expect(worker.active).toBe(1)
    gate.open()
    await first.wait(inTime)
    const second = await queue.add('some')
    await expect(second.wait({ timeout: 1_500 })).rejects.toMatchObject({ code: 'RIPEN_TIMED_OUT' })
    for (const value of [0, 1, 'false', null]) await expect(client.set(address, value)).rejects.toMatchObject(refusal(304))
    expect(worker.paused).toBe(true)
    expect(await client.set(address, false)).toBe(false)
    await second.wait(inTime)
    await worker.pause()
    expect(await client.get(address)).toEqual({ value_raw: true })
    worker.resume()
    expect(await client.get(address)).toEqual({ value_raw: false })
  })

  test('what can only be read refuses a set with 306, what it does not have is 102', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    await served(worker, client)
    for (const name of ['active', 'rate', 'rss']) {
      await expect(client.set(`${worker.address}.${name}`, 1)).rejects.toMatchObject(refusal(306))
      await expect(client.set(`${worker.address}.${name}.value`, 1)).rejects.toMatchObject(refusal(306))
    }
    for (const address of [`${worker.address}.lease`, 'rate', 'active'])
      await expect(client.get(address)).rejects.toMatchObject(refusal(102))
    await expect(client.cmd(worker.address, 'close')).rejects.toMatchObject(refusal(306))
  })

  test('a worker that is locked is steered with the key only, and read without it', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    await served(worker, client)
    const [concurrency, paused] = [`${worker.address}.concurrency`, `${worker.address}.paused`]
    const key = await client.lock(worker.address)
    const wrong = { lockoutKey: '0'.repeat(32) }
    for (const options of [{}, wrong]) {
      await expect(client.set(concurrency, 5, options)).rejects.toMatchObject(refusal(307))
      await expect(client.set(paused, true, options)).rejects.toMatchObject(refusal(307))
    }
    expect([worker.concurrency, worker.paused]).toEqual([1, false])
    expect(await client.get(concurrency)).toEqual({ value_raw: 1 })
    expect(await client.set(concurrency, 5, { lockoutKey: key })).toBe(5)
    expect(await client.unlock(worker.address, { key })).toBe(0)
    expect(await client.set(paused, true)).toBe(true)
  })

  test('rate counts what was settled, retries too, and not what was snoozed', async () => {
    const worker = await runningWorker(queue, async ({ name }) => {
      if (name === 'snoozed') throw new Snooze('1 h')
      if (name === 'retried') throw new Error('not yet')
    })
    await served(worker, client)
    const snoozed = await queue.add('snoozed')
    await until(async () => (await snoozed.refresh())?.state === 'scheduled', 5_000, 'the snooze')
    expect(await client.get(`${worker.address}.rate`)).toEqual({ value_raw: 0 })
    const retrying = nextEvent(worker, 'retrying')
    await queue.add('retried', 1, { attempts: 2, backoff: '1 h' })
    await retrying
    const rate = Number((await client.get(`${worker.address}.rate`)).value_raw)
    // One job, in the time since the worker was started.
    expect(rate).toBeGreaterThan(0)
    expect(rate).toBeLessThanOrEqual(1)
  })

  test('an endpoint is logged by a schedule that is set from elsewhere, and its alerts tell of which worker they are', async () => {
    const worker = await runningWorker(queue, async () => 'done')
    await served(worker, client)
    const heard = alertsOf(client, `${worker.address}.*`)
    const address = `${worker.address}.concurrency`
    expect(await client.set(`${address}.schedule_interval`, '50ms')).toBe(0.05)
    expect(await client.set(`${address}.schedule_status`, 'start')).toBe(true)
    await heard.payloads(1)
    await client.set(address, 8)
    expect(await heard.payloads(2)).toEqual([{ value_raw: 1 }, { value_raw: 8 }])
    expect(heard.all[0]).toMatchObject({ routingKey: address, name: 'concurrency' })
  })

  test('two workers of one process are steered apart', async () => {
    const [first, second] = [await runningWorker(queue, async () => 'done'), await runningWorker(queue, async () => 'done')]
    expect(first.address).not.toBe(second.address)
    await Promise.all([served(first, client), served(second, client)])
    await client.set(`${first.address}.concurrency`, 7)
    await client.set(`${second.address}.paused`, true)
    expect([first.concurrency, first.paused, second.concurrency, second.paused]).toEqual([7, false, 1, true])
    await expect(client.get('concurrency')).rejects.toMatchObject(refusal(102))
    await first.close()
    await expect(client.get(`${first.address}.concurrency`)).rejects.toMatchObject(refusal(102))
    expect(await client.get(`${second.address}.paused`)).toEqual({ value_raw: true })
  })

  test('nobody answers before the worker runs; one that is only made ready leaves nothing', async () => {
    const worker = new Worker(queue, async () => 'done')
    expect(worker.address).toMatch(/^worker-[\w:-]+-\d+-[0-9a-f]{12}$/)
    await worker.ready()
    await expect(client.get(`${worker.address}.active`)).rejects.toMatchObject(refusal(102))
    expect([worker.active, worker.rate, worker.paused]).toEqual([0, 0, false])
    await worker.close()
    expect(await endpointKeys(queue)).toEqual([])
  })

  test('it answers to the end of a close, and then it is gone, with its locks and settings', async () => {
    const gate = new Gate()
    const worker = await runningWorker(queue, () => gate.opened)
    await served(worker, client)
    await client.lock(`${worker.address}.paused`)
    await client.set(`${worker.address}.rss.schedule_interval`, '1 h')
    await client.set(`${worker.address}.rss.schedule_status`, 'start')
    await queue.add('some')
    await until(() => worker.active === 1, 5_000, 'a handler that runs')
    const closed = worker.close()
    expect(await client.get(`${worker.address}.active`)).toEqual({ value_raw: 1 })
    gate.open()
    await within(5_000, closed, 'the close')
    await expect(client.list(worker.address)).rejects.toMatchObject(refusal(102))
    expect(await endpointKeys(queue)).toEqual([])
  })

  test('a close that comes right after the start leaves nothing', async () => {
    for (let turns = 0; turns < 8; turns++) {
      const worker = await new Worker(queue, async () => 'done').ready()
      const running = worker.run()
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      await within(5_000, worker.close(), 'the close')
      await running
    }
    expect(await endpointKeys(queue)).toEqual([])
  })

  test('a worker that was killed does not answer, and is forgotten after a day', async () => {
    const child = workerProcess({ url: queue.store.url, prefix: prefixOf(queue), queue: queue.name })
    const { providers } = registryKeys(prefixOf(queue))
    await until(async () => (await queue.store.redis.hlen(providers)) === 1, 15_000, 'the provider of the other process')
    const [address = ''] = await queue.store.redis.hkeys(providers)
    expect(await client.set(`${address}.concurrency`, 2)).toBe(2)
    await client.lock(address)
    child.kill('SIGKILL')
    await child.exit()
    await expect(client.get(`${address}.concurrency`, { timeout: '1 s' })).rejects.toMatchObject(refusal(305))
    const later = elsewhere(queue, server)
    later.store.clockOffset += 86_400_001
    const worker = await runningWorker(later, async () => 'done')
    await served(worker, clientOf(later.store))
    await expect(client.get(`${address}.concurrency`)).rejects.toMatchObject(refusal(102))
    expect((await endpointKeys(queue)).filter((key) => key.includes(address))).toEqual([])
  })
})
