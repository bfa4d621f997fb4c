import type { Queue } from '@ripen/queue'
import { internals } from '@ripen/store/internal'
import { Worker } from '@ripen/worker'
import { beforeEach, expect, test } from 'vitest'
import { onEachServer } from '../support/conformance.ts'
import { within } from '../support/deadline.ts'
import { prefixOf, storedKeys } from './stored-keys.ts'
import { testQueue } from './test-queue.ts'

onEachServer((_name, server) => {
  let queue: Queue

  const writtenWith = (layout: string): Promise<unknown> =>
    internals(queue.store).caller.call((client) => client.hset(`{${prefixOf(queue)}:work:0}:meta`, 'layout', layout))

  beforeEach(async () => {
    queue = testQueue(server)
    await writtenWith('99')
  })

  const tooNew = { code: 'RIPEN_LAYOUT_TOO_NEW', message: expect.stringMatching(/layout 99/) }

  test('a queue of a newer version is left alone', async () => {
    const before = await storedKeys(queue)
    await expect(queue.ready()).rejects.toMatchObject(tooNew)
    await expect(queue.add('some', 1)).rejects.toMatchObject(tooNew)
    expect(await storedKeys(queue)).toEqual(before)
  })

  test('a queue of before the first release is left alone', async () => {
    await writtenWith('1')
    const before = await storedKeys(queue)
    const tooOld = { code: 'RIPEN_CONFIGURATION', option: 'queue', message: expect.stringMatching(/layout 1.*another name or prefix/) }
    await expect(queue.add('some', 1)).rejects.toMatchObject(tooOld)
    await expect(new Worker(queue, async () => 'done').run()).rejects.toMatchObject(tooOld)
    expect(await storedKeys(queue)).toEqual(before)
  })

  test('a worker does not start on a queue of a newer version', async () => {
    const worker = new Worker(queue, async () => 'done')
    await expect(worker.run()).rejects.toMatchObject(tooNew)
    await within(1_000, worker.close(), 'the close')
  })
})
