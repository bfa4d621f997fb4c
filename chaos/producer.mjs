/**
 * A producer: adds jobs at a steady rate, one by one and in bulk, and writes down what became of each add:
 *
 *     a <n> <id> <kind> <due>   acknowledged; due is '' for now, '+ms', or epoch ms
 *     q <n> <id> <conflict> <t> … and another job holds its unique key: that one stays; when the add was sent
 *     u <n> <id> <code>         not confirmed: it may exist
 *     x <n> <code>              refused: it must not exist
 *     d <id> <0|1>              an acknowledged id was added again: whether it was found there
 *     w <n> <ms>                an add took so long, longer than it may
 *     k <id> <0|1> <t> <t>      a cancel was answered: when it was asked for, and when the answer came
 *
 * Each job's data has the number n and the name of its producer, so that the checker knows it also where the
 * history had no time to name its id.
 */
import { aborted, done, history, now, ready, settings, stopped, storeOptions } from './member.mjs'

import { Queue } from '@ripen/queue'
import { openStore } from '@ripen/store'
import { drawKind, kinds } from './kinds.mjs'
import { Random } from './random.mjs'

/** ms between two helpings of jobs. */
const tick = 25
/** Adds that may be under way; in an outage no more are begun. */
const mostPending = 3_000
/** ms beyond `enqueueTimeout` in which an add must have ended. */
const grace = 1_000

const { name, incarnation, seed, rate, durability, queueName, enqueueTimeout } = settings
const by = `${name}.${incarnation}`
const random = new Random(`${seed} ${by}`)
const store = openStore(storeOptions)
// The checker looks for every job at the end: nothing is forgotten before.
const kept = { age: '7 days', count: 100_000_000 }
const queue = new Queue(queueName, {
  store,
  retain: { completed: kept, failed: kept },
  ...(durability === undefined ? {} : { defaults: { durability } }),
})
/** Codes of errors after which a job may exist. */
const unconfirmed = new Set(['RIPEN_ENQUEUE_TIMEOUT', 'RIPEN_DURABILITY'])
const pending = new Set()
let count = 0

/** Keeps the process until the work has ended; an error that nobody expects ends it loudly. */
function track(work) {
  pending.add(work)
  void work.finally(() => pending.delete(work))
}

function draw(kind = drawKind(random)) {
  const n = ++count
  const { data = {}, options = {}, cancelAfter } = kinds[kind].draw(random, now())
  if (kind === 'named') options.id = `named-${by}-${n}`
  return { n, kind, cancelAfter, item: { name: kind, data: { n, by, ...data }, options } }
}

function due({ delay, runAt }) {
  if (delay !== undefined) return `+${delay}`
  return runAt ?? ''
}

/**
 * What became of one add, as a line. A refusal tells nothing of the adds before it that were not confirmed.
 */
function outcome({ n, kind, item, doubtful }, result) {
  if (!(result instanceof Error))
    return kind === 'unique' && result.duplicate
      ? ['q', n, result.id, item.data.onConflict, item.data.sent]
      : ['a', n, result.id, kind, due(item.options)]
  if (unconfirmed.has(result.code) || doubtful) return ['u', n, result.jobId ?? item.options.id, result.code ?? result.name]
  return ['x', n, result.code ?? result.name]
}

/** Adds these jobs, in one call where there are several, and answers a job or an error for each. */
async function send(drawn) {
  try {
    if (drawn.length > 1) return await queue.addBulk(drawn.map(({ item }) => item))
    const [{ item }] = drawn
    return [await queue.add(item.name, item.data, item.options)]
  } catch (error) {
    return error.code === 'RIPEN_BULK' ? error.results : drawn.map(() => error)
  }
}

async function add(drawn) {
  const start = performance.now()
  const results = await send(drawn)
  const took = performance.now() - start
  history.writeAll(drawn.map((each, index) => outcome(each, results[index])))
  if (took > enqueueTimeout + grace) history.write('w', drawn[0].n, Math.round(took))
  for (const [index, each] of drawn.entries()) {
    const result = results[index]
    // What had a unique key may be done already, by a job of another id: it would be a second job.
    const repeatable = unconfirmed.has(result.code) && each.kind !== 'unique'
    if (repeatable && !stopped.aborted && random.chance(0.5)) track(again(each, result.jobId))
    if (result instanceof Error) continue
    if (each.kind === 'named' && random.chance(0.2)) track(addTwice(each))
    if (each.cancelAfter !== undefined) track(cancel(result.id, each.cancelAfter))
  }
}

/** An add that was not confirmed may be made again with the id it told of. */
async function again({ n, kind, item }, id) {
  const repeated = { n, kind, doubtful: true, item: { ...item, options: { ...item.options, id } } }
  await add([repeated])
}

async function addTwice({ item }) {
  const [job] = await send([{ item }])
  if (!(job instanceof Error)) history.write('d', job.id, job.duplicate ? 1 : 0)
}

async function cancel(id, after) {
  await new Promise((resolve) => setTimeout(resolve, after))
  const asked = now()
  try {
    const accepted = await queue.cancel(id, { reason: 'unwanted' })
    history.write('k', id, accepted, asked, now())
  } catch (error) {
    // Without an answer nothing is promised.
    if (error.code !== 'RIPEN_CONNECTION') throw error
  }
}

function helping(jobs) {
  while (jobs > 0 && pending.size < mostPending) {
    const size = random.chance(0.1) ? random.between(2, 60) : 1
    track(add(Array.from({ length: Math.min(size, jobs) }, () => draw())))
    jobs -= size
  }
}

process.on('message', ({ add: kind }) => {
  if (kind !== undefined) track(add([draw(kind)]))
})
ready()
const begin = performance.now()
let asked = 0
const timer = setInterval(() => {
  const owed = Math.floor(((performance.now() - begin) / 1_000) * rate) - asked
  // What an outage or a stop has kept back is not made up for.
  const jobs = Math.min(owed, (rate * tick) / 250)
  asked += owed
  helping(jobs)
}, tick)
await aborted(stopped)
clearInterval(timer)
while (pending.size > 0) await Promise.all(pending)
await queue.close()
await store.close()
done()
