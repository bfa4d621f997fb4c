import { Channel, EndpointClient, MessageQueue, Provider, root, section, TreeLock, type Store } from '@ripen/store'
import { Queue, ScheduledSet, verifyQueue, type Job } from '@ripen/queue'
import { jobHomeOf } from '@ripen/queue/internal'
import { Worker } from '@ripen/worker'
import { internals } from '@ripen/store/internal'

/** @param full a store whose user may do everything, for what others do meanwhile. */
type Work = (store: Store, full: Store) => Promise<unknown>

/** All that a role is for, as a program does it. Rejects when the server refuses something. */
export const workOfRoles: Readonly<Record<string, Work>> = {
  producer: (store) =>
    withQueue(store, async (queue) => {
      await queue.add('x', 1)
      await queue.add('x', 1, { id: 'a', delay: '1 h' })
      await queue.add('x', 1, { id: 'a' })
      await queue.addBulk([{ name: 'x', data: 1, options: { expiresIn: '1 h' } }])
      for (let time = 0; time < 2; time++) await queue.add('x', 1, { unique: { key: 'k', during: '1 h' } })
    }),

  waiter: (store, full) =>
    withQueue(full, (other) =>
      withQueue(store, async (queue) => {
        await other.add('x', 1, { id: 'waited', delay: '1 h' })
        // Reading the job is of another role.
        const home = jobHomeOf(queue)
        const [ended, states] = [home.wait('waited', { timeout: '5 s' }), statesOf(home.watch('waited', {}))]
        await Promise.all([cancelled(other, 'waited'), ended.catch(unlessCancelled), states])
      }),
    ),

  scheduler: (store) =>
    withQueue(store, async ({ schedules }) => {
      await schedules.upsert('s', { every: '1 h', job: { name: 'x', data: 1 } })
      await schedules.pause('s')
      await schedules.resume('s')
      await schedules.list()
      await schedules.remove('s')
    }),

  reader: (store, full) =>
    withQueue(full, (other) =>
      withQueue(store, async (queue) => {
        await other.add('x', 1, { id: 'read' })
        await Promise.all([queue.counts(), queue.getJob('read').then((job) => job?.logs()), queue.getJobs({ state: 'ready' })])
      }),
    ),

  operator: (store, full) =>
    withQueue(full, (other) =>
      withQueue(store, async (queue) => {
        for (const id of ['a', 'b', 'c', 'd']) await other.add('x', 1, { id, delay: '1 h' })
        await queue.pause()
        await queue.cancel('a')
        await queue.retry('a')
        await queue.remove('b')
        await queue.promote('c')
        await queue.getJobs({ state: 'ready' })
        await queue.clear()
        await queue.resume()
      }),
    ),

  doctor: (store, full) =>
    withQueue(full, (other) =>
      withQueue(store, async (queue) => {
        await other.add('x', 1, { unique: 'k', expiresIn: '1 h' })
        await other.schedules.upsert('s', { every: '1 h', job: { name: 'x', data: 1 } })
        await verifyQueue(queue, { repair: true })
      }),
    ),

  worker: (store, full) => worked(store, full, false),

  'steered worker': (store, full) => worked(store, full, true),

  steering: async (store, full) => {
    const worker = new Worker(new Queue('mail', { store: full }), async () => 1)
    const running = worker.run()
    const client = new EndpointClient(store, { timeout: '5 s' })
    try {
      await served(worker, full)
      await client.set(`${worker.address}.concurrency`, 3)
      await client.get(`${worker.address}.active`)
    } finally {
      await client.close()
      await worker.close()
      await running
    }
  },

  sets: async (store, full) => {
    const set = new ScheduledSet<string>(store, `${internals(full).options.prefix}-players`)
    await set.add('ann', 1)
    await set.addMany(['bob', ['eve', 2]])
    await Promise.all([set.size(), set.has('ann'), set.score('ann'), set.peek(), set.available(), set.nextDue(), set.take(1)])
    for await (const item of set) await set.discard(item)
    await set.clear()
  },

  tree: async (store) => {
    const visits = section(store, 'visits')
    const abort = new AbortController()
    const changes = visits.watch({ signal: abort.signal })
    const first = later(changes.next())
    await visits.set('a', { b: 1 }, { expire: '1 h' })
    await visits.get('n').add(1)
    await visits.get('n').expire('1 h')
    await visits.get('n').ttl()
    await visits.get('n').val()
    for await (const leaf of visits.leaves()) await leaf.exists()
    for await (const child of root(store).children()) await child.exists()
    await first
    abort.abort()
    await visits.clear()
    for await (const child of root(store).children()) await child.exists()
  },

  locks: async (store) => {
    const lock = new TreeLock(store, 'a.b', { timeout: '5 s' })
    const lease = await lock.acquire()
    const next = later(new TreeLock(store, 'a', { timeout: '5 s' }).acquire())
    await lease.extend()
    await lease.release()
    await (await next).release()
  },

  channels: async (store) => {
    const channel = new Channel<{ a: number }>(store, 'status')
    const abort = new AbortController()
    await channel.ensure({ a: 1 })
    const states = channel.watch({ signal: abort.signal })
    await states.next()
    await channel.set(2, '.a')
    await states.next()
    abort.abort()
    await channel.get()
    await channel.delete()
  },

  endpoints: async (store) => {
    let value = 1
    const provider = new Provider(store, {
      name: 'boiler',
      endpoints: [
        { name: 'heat', read: () => value, write: (next) => void (value = Number(next)), log_on_set: true, alert_routing_key: 'heat' },
      ],
    })
    const client = new EndpointClient(store, { timeout: '5 s' })
    try {
      await provider.start()
      const abort = new AbortController()
      const alert = later(client.alerts({ signal: abort.signal }).next())
      await client.set('boiler.heat', 2)
      await client.get('boiler.heat')
      await client.lock('boiler.heat')
      await client.unlock('boiler.heat', { force: true })
      await alert
      abort.abort()
    } finally {
      await client.close()
      await provider.forget()
    }
  },

  messages: async (store) => {
    const inbox = new MessageQueue(store, 'inbox')
    try {
      const waited = later(inbox.get({ timeout: '5 s' }))
      await inbox.put('one')
      await waited
      await inbox.put('two')
      await inbox.size()
      await inbox.purge()
    } finally {
      await inbox.close()
    }
  },
}

/** Is awaited after something else, which may reject first. */
function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

async function withQueue<T>(store: Store, use: (queue: Queue) => Promise<T>): Promise<T> {
  const queue = new Queue('mail', { store })
  try {
    return await use(queue)
  } finally {
    await queue.close()
  }
}

/** Once the server knows that somebody waits. */
async function cancelled(queue: Queue, id: string): Promise<void> {
  const { options, caller } = internals(queue.store)
  while ((await caller.call((client) => client.hexists(`{${options.prefix}:mail:0}:watchers`, id))) === 0) await new Promise(setImmediate)
  await queue.cancel(id)
}

function unlessCancelled(error: Error & { code?: string }): void {
  if (error.code !== 'RIPEN_CANCELLED') throw error
}

async function statesOf(states: AsyncIterable<Job<any>>): Promise<void> {
  for await (const { state } of states) if (state === 'cancelled') return
}

async function served({ address }: Worker, full: Store): Promise<void> {
  const client = new EndpointClient(full, { timeout: '5 s' })
  try {
    for (;;) {
      if ((await client.list(address).catch(() => [])).length > 0) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    await client.close()
  }
}

async function worked(store: Store, full: Store, steering: boolean): Promise<void> {
  await withQueue(full, (queue) =>
    withQueue(store, async (limited) => {
      const worker = new Worker(
        limited,
        async (_job, context) => {
          await context.progress(1)
          context.log('progressed')
          return 1
        },
        { steering, concurrency: 5 },
      )
      const failed = new Promise<never>((_resolve, reject) => worker.on('error', reject))
      failed.catch(() => undefined)
      const running = worker.run()
      try {
        await Promise.race([queue.schedules.upsert('s', { every: '1 h', job: { name: 'x', data: 1 } }), failed])
        const added = await queue.add('x', 1, { expiresIn: '1 h', unique: 'k' })
        const delayed = await queue.add('x', 1, { delay: 50 })
        await Promise.race([Promise.all([added.wait({ timeout: '20 s' }), delayed.wait({ timeout: '20 s' })]), failed])
        if (steering) await served(worker, full)
      } finally {
        await worker.close()
        await running
      }
    }),
  )
}
