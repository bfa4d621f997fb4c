// Unique jobs: of one key at most one job is unfinished, whoever adds. An add that finds its key held says
// what becomes of it: keep, replace or debounce.
import { connect } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'

interface Jobs {
  order: (data: { cart: number }) => string
  save: (data: { text: string }) => string
  mail: (data: { to: string }) => string
  index: (data: { version: number }) => string
}

const store = await connect()
const shop = new Queue<Jobs>('shop', { store })
let begun!: () => void
let published!: () => void
const indexing = new Promise<void>((resolve) => (begun = resolve))
const publishing = new Promise<void>((resolve) => (published = resolve))
const worker = new Worker(shop, {
  order: async ({ data }) => `cart ${data.cart} was ordered`,
  save: async ({ data }) => `saved: ${data.text}`,
  mail: async ({ data }) => `a mail to ${data.to}`,
  index: async ({ data }) => {
    begun()
    await publishing
    return `version ${data.version} can be found`
  },
})

// 'keep', the default: a double click is one order. The second add answers with the job of the first.
const [first, second] = await Promise.all([
  shop.add('order', { cart: 7 }, { unique: 'cart 7' }),
  shop.add('order', { cart: 7 }, { unique: 'cart 7' }),
])
console.log('one order:', first.id === second.id && second.duplicate)

// 'debounce': each add puts the job off, and brings the data that count.
const debounced = { delay: '300 ms', unique: { key: 'draft 1', onConflict: 'debounce' } } as const
let draft = await shop.add('save', { text: 'R' }, debounced)
for (const text of ['Ri', 'Rip', 'Ripen']) draft = await shop.add('save', { text }, debounced)

// A throttle: the key is held for a time, whatever becomes of the job.
const throttled = { unique: { key: 'mail ada', during: '1 minute' } } as const
const mail = await shop.add('mail', { to: 'ada' }, throttled)

const running = worker.run()
console.log(await first.wait())
console.log(await draft.wait())
console.log(await mail.wait())
console.log('another mail within the minute:', !(await shop.add('mail', { to: 'ada' }, throttled)).duplicate)
// The order has ended, so its key is free again.
console.log('another order:', !(await shop.add('order', { cart: 7 }, { unique: 'cart 7' })).duplicate)

// 'replace': the newest data take the place of a job that waits. While one runs the newest waits behind it;
// those between are not run.
const newest = { unique: { key: 'index', onConflict: 'replace' } } as const
const one = await shop.add('index', { version: 1 }, newest)
await indexing
let last = one
for (const version of [2, 3, 4]) last = await shop.add('index', { version }, newest)
console.log('while version 1 is indexed, version 4 is', last.state)
published()
console.log(await one.wait())
console.log(await last.wait())
const { completed } = await shop.counts()
console.log(`${completed} jobs have run`)

await worker.close()
await running
await shop.close()
await store.close()
