// What becomes of runs that were missed: nobody works for three hours, and each schedule wakes as its policy
// says.
import { connect } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'

const store = await connect()
const at = async (time: string): Promise<void> => {
  store.clockOffset += Date.parse(`2027-01-01T${time}Z`) - (await store.now())
}
const queue = new Queue('hourly', { store })
const job = { name: 'count' }

await at('12:00:10')
// By default one run stands for all that were missed.
await queue.schedules.upsert('one', { cron: '0 * * * *', job })
// None is made up for: a run that is more than a minute late is dropped.
await queue.schedules.upsert('skip', { cron: '0 * * * *', job, catchUp: 'skip' })
// Each is made up for, although the one before it may not have ended.
await queue.schedules.upsert('all', { cron: '0 * * * *', job, catchUp: 'all', overlap: 'all' })
// The same, of the last two hours.
await queue.schedules.upsert('window', { cron: '0 * * * *', job, catchUp: 'all', overlap: 'all', catchUpWindow: '2 h' })

await at('15:30:00')
const runs = new Map<string, string[]>()
const worker = new Worker(queue, async ({ options }) => {
  const { id = '', at: time = 0 } = options.schedule ?? {}
  runs.set(id, [...(runs.get(id) ?? []), new Date(time).toISOString().slice(11, 16)])
})
let left = 6
const done = new Promise<void>((resolve) => worker.on('completed', () => (--left === 0 ? resolve() : undefined)))
const running = worker.run()
await done
for (const id of ['one', 'skip', 'all', 'window']) {
  const schedule = await queue.schedules.get(id)
  const next = new Date(schedule?.nextRun ?? 0).toISOString().slice(11, 16)
  console.log(`${id}: ${runs.get(id)?.toSorted().join(' ') ?? 'no run'}, then ${next}`)
}

await worker.close()
await running
await store.close()
