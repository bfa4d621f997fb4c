// Compiled by `tsc -b`, never run: each line after `@ts-expect-error` must not compile, all others must.
import { defineQueue, job, Queue, type Job } from '@ripen/queue'
import { openStore } from '@ripen/store'
import { Worker } from '@ripen/worker'

interface Mail {
  welcome: { to: string }
  digest: (data: { day: Date }) => { sent: number }
  ping: undefined
  sweep: () => void
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the way to compare two types exactly
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_equal: Same<A, B>): void => undefined

const store = openStore()
const mail = new Queue<Mail>('mail', { store })

export async function names(): Promise<void> {
  await mail.add('welcome', { to: 'ada' })
  // @ts-expect-error -- no such job
  await mail.add('welcom', { to: 'ada' })
  // @ts-expect-error -- a method of every object is no job
  await mail.add('toString', { to: 'ada' })
}

export async function data(): Promise<void> {
  // @ts-expect-error -- another type
  await mail.add('welcome', { to: 5 })
  // @ts-expect-error -- a misspelt key
  await mail.add('welcome', { too: 'ada' })
  // @ts-expect-error -- no data
  await mail.add('welcome')
  await mail.add('digest', { day: new Date() })
  // @ts-expect-error -- the data is what is given, a Date, not what is stored
  await mail.add('digest', { day: '2026-01-01' })
  await mail.add('ping')
  await mail.add('ping', undefined, { delay: '1 s' })
  await mail.add('sweep')
  // @ts-expect-error -- takes no data
  await mail.add('ping', { to: 'ada' })
  // @ts-expect-error -- takes no data
  await mail.add('sweep', 5)
}

export async function bulk(): Promise<void> {
  await mail.addBulk([
    { name: 'welcome', data: { to: 'ada' } },
    { name: 'ping' },
    { name: 'digest', data: { day: new Date() }, options: { delay: 5 } },
  ])
  // @ts-expect-error -- no such job
  await mail.addBulk([{ name: 'nothing', data: 1 }])
  // @ts-expect-error -- the data of another job
  await mail.addBulk([{ name: 'welcome', data: { day: new Date() } }])
  // @ts-expect-error -- no data
  await mail.addBulk([{ name: 'welcome' }])
  // @ts-expect-error -- an unknown option
  await mail.addBulk([{ name: 'ping', options: { dely: 5 } }])
}

export async function results(): Promise<void> {
  const digest = await mail.add('digest', { day: new Date() })
  same<typeof digest.name, 'digest'>(true)
  same<typeof digest.data, { day: string }>(true)
  same<Awaited<ReturnType<typeof digest.wait>>, { sent: number }>(true)
  same<typeof digest.result, { sent: number } | undefined>(true)
  const welcome = await mail.add('welcome', { to: 'ada' })
  same<Awaited<ReturnType<typeof welcome.wait>>, unknown>(true)
}

export async function narrowing(): Promise<string | number> {
  const found = await mail.getJob('id')
  if (found === null) return 'gone'
  // @ts-expect-error -- not of every job
  void found.data.to
  if (found.name === 'welcome') return found.data.to
  if (found.name === 'digest') return found.data.day
  const { jobs, cursor } = await mail.getJobs({ state: 'ready' })
  for (const each of jobs) {
    switch (each.name) {
      case 'welcome':
        return each.data.to
      case 'digest':
        return (await each.wait()).sent
      case 'ping':
      case 'sweep':
        continue
      default:
        same<typeof each, never>(true)
    }
  }
  return cursor ?? 'none'
}

// A job map may be a type as well as an interface, and a union of names narrows.
type Sums = { add: (data: [number, number]) => number; zero: () => Promise<number> }
const sums = new Queue<Sums>('sums', { store })

export async function typeMap(): Promise<number> {
  // @ts-expect-error -- three numbers
  await sums.add('add', [1, 2, 3])
  const zero = await sums.add('zero')
  return (await (await sums.add('add', [1, 2])).wait()) + (await zero.wait())
}

export const named = (one: Job<Mail, 'welcome' | 'ping'>): string => (one.name === 'welcome' ? one.data.to : one.name)

// Without a job map everything goes.
export async function untyped(): Promise<void> {
  const queue = new Queue('any', { store })
  const added = await queue.add('what', { ever: 1 }, { attempts: 3 })
  void added.data.ever
  await queue.add('nothing')
}

// What defineQueue makes is shared by producers and workers.
const shared = defineQueue<Mail>('shared', { order: 'lifo' })
// @ts-expect-error -- not built yet
defineQueue<Mail>('shared', { order: 'fair' })
// @ts-expect-error -- no such setting
defineQueue<Mail>('shared', { retian: {} })
// @ts-expect-error -- job() makes the entries of `jobs`
defineQueue('shared', { jobs: { bad: { attempts: 3 } } })

export async function definition(): Promise<void> {
  const queue = new Queue(shared, { store })
  await queue.add('welcome', { to: 'ada' })
  // @ts-expect-error -- no such job
  await queue.add('other', 1)
  void new Worker(
    shared,
    { welcome: async (one) => one.data.to, digest: async () => ({ sent: 1 }), ping: async () => 1, sweep: async () => undefined },
    { store },
  )
}

const kinds = defineQueue('kinds', { jobs: { resize: job<{ path: string; at: Date }, { bytes: number }>({ attempts: 3 }), tick: job() } })

export async function kindsOfJobs(): Promise<number> {
  const queue = new Queue(kinds, { store })
  await queue.add('tick')
  // @ts-expect-error -- no such job
  await queue.add('rezise', { path: '/a', at: new Date() })
  // @ts-expect-error -- a key is missing
  await queue.add('resize', { path: '/a' })
  const resize = await queue.add('resize', { path: '/a', at: new Date() })
  same<typeof resize.data, { path: string; at: string }>(true)
  return (await resize.wait()).bytes
}
