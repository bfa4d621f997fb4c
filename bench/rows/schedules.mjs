import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

import { Delivery } from '../delivery.mjs'
import { openInspector } from '../inspector.mjs'
import { percentile } from '../statistics.mjs'
import { valueAtMost } from '../verdict.mjs'

/** The period of each schedule, in ms. */
const every = 1000

/** How long schedules run before anything counts, in ms. */
const lead = 3000

/** How many periods count. */
const periods = 10

/** How long runs may be late before they count as missing, in ms. */
const grace = 5000

/** Makes the schedules, spread evenly over one period. */
async function upsertAll(scheduler, count) {
  const start = performance.now()
  const upserts = []
  for (let index = 0; index < count; index += 1) {
    const early = (index * every) / count - (performance.now() - start)
    if (early > 1) await delay(early)
    upserts.push(scheduler.upsert(`schedule-${index}`, every))
  }
  await Promise.all(upserts)
}

/** What runs there were of those that count: each schedule has as many as there are periods. */
function judge(runs, schedules, from, until) {
  const counted = runs.filter(({ at }) => at >= from && at < until)
  const different = new Set(counted.map(({ id, at }) => `${id} ${at}`)).size
  const perSchedule = new Map()
  for (const { id, at } of counted) {
    if (!perSchedule.has(id)) perSchedule.set(id, new Set())
    perSchedule.get(id).add(at)
  }
  const extra = [...perSchedule.values()].reduce((sum, { size }) => sum + Math.max(0, size - periods), 0)
  const lateness = counted.map(({ at, start }) => start - at)
  return {
    missing: schedules * periods - (different - extra),
    doubled: counted.length - different + extra,
    early: lateness.filter((late) => late < 0).length,
    p50: percentile(lateness, 0.5),
    p99: percentile(lateness, 0.99),
  }
}

const line = { subject: 'ripen', reference: 'bullmq' }
const title = '1,000 schedules, one run a second each'

/**
 * Many schedules with a period of a second and one worker that runs no-ops: how many runs there are, what
 * they cost, and how late they start by the machine's clock.
 */
export const scheduleRows = [
  {
    name: 'schedules',
    group: 'schedules',
    durability: 'none',
    jobs: 1000,
    arms: ['ripen', 'bullmq'].map((peer) => ({ name: peer, peer })),
    lines: [
      { ...line, key: 'rate', title, unit: 'runs/s', digits: 0 },
      { ...line, key: 'missing', title: `${title}: missing`, unit: 'runs', digits: 0, required: valueAtMost(0) },
      { ...line, key: 'doubled', title: `${title}: too many`, unit: 'runs', digits: 0, required: valueAtMost(0) },
      { ...line, key: 'early', title: `${title}: started early`, unit: 'runs', digits: 0, required: valueAtMost(0) },
      { ...line, key: 'p50', title: `${title}: lateness p50`, unit: 'ms', digits: 0 },
      { ...line, key: 'p99', title: `${title}: lateness p99`, unit: 'ms', digits: 0 },
      { ...line, key: 'server', title: `${title}: Redis CPU`, unit: 'µs/run', digits: 1 },
      { ...line, key: 'node', title: `${title}: Node CPU`, unit: 'µs/run', digits: 1 },
    ],
    async measure({ peer, url, jobs: schedules }) {
      const runs = []
      const delivery = new Delivery(schedules)
      const scheduler = await peer.openScheduler({
        url,
        queue: 'bench',
        kept: 0,
        concurrency: 50,
        onRun: (id, at) => runs.push({ id, at, start: Date.now() }),
        onSettled: () => delivery.settle(),
        onError: (error) => delivery.fail(error),
      })
      const inspector = await openInspector(url)
      const read = async () => {
        const { user, system } = process.cpuUsage()
        return { server: await inspector.cpuTime(), node: user + system, settled: delivery.settled }
      }
      scheduler.start()
      await upsertAll(scheduler, schedules)
      await delay(lead)
      const from = Date.now()
      const before = await read()
      const until = from + periods * every
      await delay(until - Date.now())
      const after = await read()
      const elapsed = Date.now() - from
      // What is late is waited for, what does not come is missing.
      const seen = () => judge(runs, schedules, from, until)
      for (const end = Date.now() + grace; seen().missing > 0 && Date.now() < end;) await delay(100)
      await scheduler.close()
      await inspector.close()
      const settledMeanwhile = after.settled - before.settled
      // Throws what has failed.
      await delivery.reaches(settledMeanwhile)
      return {
        rate: (settledMeanwhile / elapsed) * 1000,
        server: (after.server - before.server) / settledMeanwhile,
        node: (after.node - before.node) / settledMeanwhile,
        ...seen(),
      }
    },
  },
]
