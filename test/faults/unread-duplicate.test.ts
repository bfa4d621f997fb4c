import { Queue, type JobOptions } from '@ripen/queue'
import { EnqueueTimeoutError } from '@ripen/store'
import { expect, onTestFinished, test } from 'vitest'
import { readScript } from '../../packages/queue/src/scripts.generated.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

const enqueueTimeout = 1_000

describeWithRedisServer('an add that finds another job in its place, and cannot read it', () => {
  const cases: Record<string, JobOptions> = {
    'an id': { id: 'mine' },
    'a unique key': { unique: { key: 'key', onConflict: 'replace' } },
  }
  for (const [name, options] of Object.entries(cases))
    test(`${name}: is not confirmed, and tells which job it is`, async () => {
      const server = await ownServer()
      const proxy = await tcpProxy(server.port)
      onTestFinished(() => proxy.close())
      const prefix = randomPrefix()
      const near = new Queue('unread', { store: testStore(server.url, { prefix }) })
      const far = new Queue('unread', { store: testStore(proxy.url, { prefix, enqueueTimeout }) })
      await far.ready()
      const { id } = await near.add('job', { n: 1 }, options)
      const cut = proxy.cutBeforeRequest((request) => {
        if (!request.includes(readScript.sha)) return false
        proxy.refuse()
        return true
      })
      const start = performance.now()
      const error: unknown = await far.add('job', { n: 2 }, options).catch((reason: unknown) => reason)
      const took = performance.now() - start
      await cut
      await proxy.accept()
      expect(error).toBeInstanceOf(EnqueueTimeoutError)
      expect((error as EnqueueTimeoutError).jobId).toBe(id)
      expect(took).toBeLessThan(enqueueTimeout + 1_000)
    })
})
