// Jobs at times of their own: a cron in a time zone, a preview of its runs, a run out of turn, a pause, and a
// schedule that ends.
import { connect } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'

interface Jobs {
  report: (data: { of: string }) => void
  ping: () => void
}

const store = await connect()
// Noon in Berlin, on the day before clocks go forward there, without waiting for it.
store.clockOffset = Date.parse('2027-03-27T12:00:00+01:00') - (await store.now())
const office = new Queue<Jobs>('office', { store })
const show = (time: number | null | undefined): string =>
  typeof time !== 'number' ? 'none' : new Date(time).toLocaleString('sv-SE', { timeZone: 'Europe/Berlin' })

// Every instance may do this when it starts: the same again changes nothing.
await office.schedules.upsert('nightly', { cron: '30 2 * * *', tz: 'Europe/Berlin', job: { name: 'report', data: { of: 'the day' } } })
// The night to come has no 02:30: the run is at the first instant after the gap.
for (const run of await office.schedules.nextRuns('nightly', 3)) console.log('report at', show(run))

let pings = 0
const worker = new Worker(office, {
  report: async (job) => console.log(`report of ${job.data.of}, by the schedule ${job.options.schedule?.id}`),
  ping: async () => console.log(`ping ${++pings}`),
})
const threePings = new Promise<void>((resolve) => worker.on('completed', () => (pings === 3 ? resolve() : undefined)))
const running = worker.run()

const outOfTurn = await office.schedules.trigger('nightly')
await outOfTurn?.wait()

await office.schedules.pause('nightly')
console.log('paused, next run:', show((await office.schedules.get('nightly'))?.nextRun))
await office.schedules.resume('nightly')
console.log('resumed, next run:', show((await office.schedules.get('nightly'))?.nextRun))

await office.schedules.upsert('pings', { every: '200 ms', limit: 3, job: { name: 'ping' } })
await threePings
const pinged = await office.schedules.get('pings')
console.log(`${pinged?.runs} pings, next run: ${show(pinged?.nextRun)}`)

await worker.close()
await running
await store.close()
