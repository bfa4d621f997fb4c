import { Queue } from '@ripen/queue'
import { AccessError, ConnectionError, EnqueueTimeoutError } from '@ripen/store'
import { internals } from '@ripen/store/internal'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { addScript } from '../../packages/queue/src/scripts.generated.ts'
import { openedStore } from '../store/opened-store.ts'
import { rejection } from '../store/rejection.ts'
import { within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

describeWithRedisServer('final or for now is read from what failed:', () => {
  function direct(url: string): Redis {
    const admin = new Redis(url)
    onTestFinished(() => admin.disconnect())
    return admin
  }

  async function statistic(admin: Redis, name: string): Promise<number> {
    return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await admin.info('stats'))?.[1])
  }

  test('a server that has no place for a connection is waited for, with pauses', async () => {
    const { url } = await ownServer()
    const admin = direct(url)
    const store = testStore(url)
    const queue = new Queue('mail', { store })
    await queue.add('some')
    await admin.config('SET', 'maxclients', '1')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const before = await statistic(admin, 'rejected_connections')
    const added = queue.add('some')
    const heard = new Promise<void>((resolve) => {
      const { subscriber } = internals(store)
      void subscriber.listen('channel', (message) => void (message === 'hello' && resolve())).then(() => admin.publish('channel', 'hello'))
    })
    await within(
      5_000,
      (async () => {
        while ((await statistic(admin, 'rejected_connections')) < before + 6);
      })(),
      'some tries',
    )
    const started = performance.now()
    const tries = await statistic(admin, 'rejected_connections')
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(((await statistic(admin, 'rejected_connections')) - tries) / (performance.now() - started)).toBeLessThan(0.1)
    await admin.config('SET', 'maxclients', '100')
    await within(3_000, added, 'the add')
    await within(3_000, heard, 'the message')
    expect(await queue.counts()).toMatchObject({ ready: 2 })
  })

  test('an add with a wrong password, or without the right, is refused at once', async () => {
    const { url } = await ownServer()
    const admin = direct(url)
    await admin.call('ACL', 'SETUSER', 'ada', 'on', '>secret', '~other:*', '&*', '+@all')
    const before = await statistic(admin, 'total_connections_received')
    const add = (password: string): Promise<unknown> =>
      within(2_000, rejection(new Queue('mail', { store: openedStore(url.replace('//', `//ada:${password}@`)) }).add('some')), password)
    const wrong = await add('hunter2')
    expect(wrong).toBeInstanceOf(ConnectionError)
    expect(wrong).toMatchObject({ final: true, message: expect.stringContaining('WRONGPASS') as string })
    expect(await add('secret')).toBeInstanceOf(AccessError)
    expect((await statistic(admin, 'total_connections_received')) - before).toBeLessThan(20)
  })

  test('an add whose answer is lost may exist, whatever the next try is refused with', async () => {
    const server = await ownServer()
    const admin = direct(server.url)
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.close())
    await admin.call('ACL', 'SETUSER', 'ada', 'on', '>secret', '~*', '&*', '+@all')
    const queue = new Queue('mail', { store: openedStore({ url: proxy.url.replace('//', '//ada:secret@'), enqueueTimeout: 700 }) })
    await queue.add('some')
    await admin.call('ACL', 'SETUSER', 'ada', 'resetpass', '>other')
    const cut = proxy.cutAfterRequest(addScript.sha)
    const error = await within(3_000, rejection(queue.add('some')), 'the refusal')
    await cut
    expect(error).toBeInstanceOf(EnqueueTimeoutError)
    expect((error.cause as Error).message).toContain('WRONGPASS')
  })
})
