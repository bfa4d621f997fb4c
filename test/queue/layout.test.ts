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

  beforeEach(async () => {
    queue = testQueue(server)
    await internals(queue.store).caller.call((client) => client.hset(`{${prefixOf(queue)}:work:0}:meta`, 'layout', '99'))
  })

  const tooNew = { code: 'RIPEN_LAYOUT_TOO_NEW', message: expect.stringMatching(/layout 99/) }

  test('a queue of a newer version is left alone', async () => {
    const before = await storedKeys(queue)
    await expect(queue.ready()).rejects.toMatchObject(tooNew)
    await expect(queue.add('some', 1)).rejects.toMatchObject(tooNew)
    expect(await storedKeys(queue)).toEqual(before)
  })

  test('a worker does not start on a queue of a newer version', async () => {
    const worker = new Worker(queue, async () => 'done')
    await expect(worker.run()).rejects.toMatchObject(tooNew)
    await within(1_000, worker.close(), 'the close')
  })
})
