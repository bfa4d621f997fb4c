import { Queue } from '@ripen/queue'
import type { RedisOptions } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { within } from '../support/deadline.ts'
import { openedStore } from '../store/opened-store.ts'
import { randomPrefix } from '../support/test-store.ts'
import { runningWorker } from './running-worker.ts'

test('options of ioredis for an application of another kind do not stop a queue', async () => {
  const redis: RedisOptions = { stringNumbers: true, enableOfflineQueue: false, autoResubscribe: false }
  const { url } = inject('testServer')
  const queue = new Queue('work', { store: openedStore({ url, prefix: randomPrefix(), redis }) })
  onTestFinished(() => queue.close())
  const job = await queue.add('some', 1)
  const waiting = job.wait({ timeout: '10 s' })
  expect(await within(5_000, queue.promote(job.id), 'a promotion')).toBe(0)
  const worker = await runningWorker(queue, async () => 'done')
  expect(await waiting).toBe('done')
  await queue.pause()
  await worker.close()
  await queue.addBulk([{ name: 'some' }, { name: 'some', options: { delay: '1 h' } }])
  expect(await within(5_000, queue.clear(), 'the end of clear()')).toBe(2)
})
