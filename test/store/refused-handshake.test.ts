import { AccessError, connect, type StoreOptions } from '@ripen/store'
import { CallConnection, Caller, calls, createClient, internals, realClock } from '@ripen/store/internal'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { Cluster, Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { ownServer } from '../faults/own-server.ts'
import { until, within } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'
import { rejection } from './rejection.ts'

describeWithRedisServer('after a refused SELECT or AUTH', () => {
  function direct(url: string): Redis {
    const client = new Redis(url)
    onTestFinished(() => client.disconnect())
    return client
  }

  /** How often commands of another kind than those of a handshake were sent. */
  async function sent(admin: Redis): Promise<readonly string[]> {
    const names = [...(await admin.info('commandstats')).matchAll(/cmdstat_(\S+):/g)].map(([, name = '']) => name)
    return names.filter(
      (name) => !['ping', 'info', 'hello', 'auth', 'select', 'config|resetstat'].includes(name) && !name.startsWith('client'),
    )
  }

  /** For good. */
  function refused(message: RegExp): object {
    return { code: 'RIPEN_CONNECTION', final: true, message: expect.stringMatching(message) as string }
  }

  /**
   * Every kind of connection of a store is refused, for the same reason, at once, and nothing is sent on it.
   */
  async function expectNothingSent(url: string, options: StoreOptions, reason: object): Promise<void> {
    const admin = direct(url)
    await admin.config('RESETSTAT')
    const store = openedStore({ ...options, enqueueTimeout: '20 s' })
    const { caller, connections, subscriber } = internals(store)
    const uses: (() => Promise<unknown>)[] = [
      () => store.ready(),
      () => store.now(),
      () => caller.call((client) => client.set('key', 'calls')),
      async () => {
        const posted = structuredClone(await connections.portableTarget())
        const client = createClient(posted, undefined, calls).on('error', () => undefined)
        const thread = new Caller(new CallConnection(async () => client, realClock), 20_000)
        onTestFinished(() => thread.close())
        await thread.call(() => client.set('key', 'thread'))
      },
      () => new Queue('mail', { store }).add('some'),
      () => {
        const worker = new Worker('mail', async () => undefined, { store })
        onTestFinished(() => worker.close({ timeout: 100 }))
        return new Promise((_resolve, reject) => void worker.on('error', reject).run().catch(reject))
      },
    ]
    // A Cluster holds commands back for as long as no node lets it in.
    if (store.topology !== 'cluster')
      uses.push(
        () => store.redis.set('key', 'commands'),
        async () => (await store.blocking()).set('key', 'blocking'),
        async () => (await connections.open('wake')).set('key', 'wake'),
        () => subscriber.listen('channel', () => undefined),
      )
    for (const use of uses) {
      const error = await within(3_000, rejection(use), String(use))
      expect(error, String(use)).toMatchObject(reason)
    }
    expect(await sent(admin)).toEqual([])
  }

  test('a database that is not there', async () => {
    const { url } = await ownServer({ args: ['--databases', '2'] })
    await expectNothingSent(url, { url: `${url}/5` }, refused(/refuses database 5: ERR DB index is out of range/))
    await expectNothingSent(url, { url: `${url}/5`, redis: { protocol: 2 } }, refused(/refuses database 5/))
    await expectNothingSent(url, { url: `${url}/5`, redis: { enableReadyCheck: false } }, refused(/refuses database 5/))
    await expectNothingSent(url, { redis: new Redis(`${url}/5`, { lazyConnect: true }) }, refused(/refuses database 5/))
    await using store = await connect({ url, names: { persons: 5 } })
    expect((await rejection(store.database('persons'))).message).toMatch(/refuses database 5/)
  })

  test('a database that the user may not select', async () => {
    const { url } = await ownServer()
    await direct(url).call('ACL', 'SETUSER', 'ada', 'on', '>secret', '~*', '&*', '+@all', '-select')
    await expectNothingSent(url, { url: `${url.replace('//', '//ada:secret@')}/5` }, { code: 'RIPEN_ACCESS' })
  })

  test('a password where none is set', async () => {
    const { url } = await ownServer()
    // With RESP3 ioredis logs in as the default user, and is let in.
    await expectNothingSent(url, { url: url.replace('//', '//:hunter2@'), redis: { protocol: 2 } }, refused(/refuses access: ERR AUTH/))
  })

  test('a user who is not known', async () => {
    const { url } = await ownServer()
    await expectNothingSent(url, { url: url.replace('//', '//bob@') }, refused(/WRONGPASS/))
  })

  test('a node of a cluster', async () => {
    const { url, port } = await ownServer({ args: ['--cluster-enabled', 'yes'] })
    await direct(url).call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    const reason = refused(/WRONGPASS|ERR AUTH/)
    await expectNothingSent(url, { url: `redis+cluster://bob@127.0.0.1:${port}` }, reason)
    const own = new Cluster([{ host: '127.0.0.1', port }], { lazyConnect: true, redisOptions: { password: 'hunter2', protocol: 2 } })
    await expectNothingSent(url, { redis: own }, reason)
  })

  test('for now, for want of room, is waited for, with a database or a password as without', async () => {
    for (const [protocol, suffix] of [
      [3, ''],
      [3, '/1'],
      [2, '/1'],
    ] as const) {
      const { url } = await ownServer({ args: ['--maxclients', '1'] })
      const admin = direct(url)
      await admin.ping()
      const store = openedStore({ url: `${url.replace('//', '//default:any@')}${suffix}`, enqueueTimeout: '20 s', redis: { protocol } })
      const ready = internals(store).caller.call((client) => client.ping())
      const rejected = async (): Promise<number> => Number(/rejected_connections:(\d+)/.exec(await admin.info('stats'))?.[1])
      await Promise.race([ready, until(async () => (await rejected()) >= 2, 5_000, 'two refusals')])
      await admin.config('SET', 'maxclients', '100')
      expect(await within(5_000, ready, 'the answer')).toBe('PONG')
    }
  })

  test('when it comes with a reconnection, nothing goes to another database', async () => {
    const { url } = await ownServer()
    const admin = direct(url)
    const prefix = randomPrefix()
    const store = openedStore({ url: `${url}/5`, prefix, enqueueTimeout: '20 s', redis: { protocol: 2 } })
    const queue = new Queue('mail', { store })
    await queue.add('some')
    await store.redis.set('key', 'in 5')
    await admin.call('ACL', 'SETUSER', 'default', '-select')
    const clients = [store.redis, await internals(store).caller.client()]
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await until(() => clients.every(({ status }) => status !== 'ready'), 5_000, 'the end of the connections')
    expect(await within(5_000, rejection(queue.add('some')), 'the refusal')).toBeInstanceOf(AccessError)
    expect(
      await within(
        5_000,
        rejection(() => store.redis.set('key', 'in 0')),
        'the refusal',
      ),
    ).toBeInstanceOf(AccessError)
    expect(await admin.dbsize()).toBe(0)
    await admin.call('ACL', 'SETUSER', 'default', '+select')
    // A connection may have been refused just before: what waited for that one is refused too, and not
    // written.
    const added = (): Promise<boolean> =>
      queue.add('some').then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof AccessError)) throw error
          return false
        },
      )
    await until(added, 5_000, 'an add')
    expect(await queue.counts()).toMatchObject({ ready: 2 })
    expect(await admin.dbsize()).toBe(0)
  })

  test('a server that speaks no RESP3 is still spoken to, in the database that was asked for', async () => {
    const { url } = await ownServer({ args: ['--rename-command', 'HELLO', ''] })
    await direct(url).call('ACL', 'SETUSER', 'ada', 'on', '>secret', '~*', '&*', '+@all')
    const store = openedStore(`${url.replace('//', '//ada:secret@')}/5`)
    expect(await store.redis.set('key', 'in 5')).toBe('OK')
    expect(await direct(`${url}/5`).get('key')).toBe('in 5')
  })
})
