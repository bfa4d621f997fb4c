// What `npm start` runs: a day of a mail service in a quarter of a minute. A backlog of newsletters,
// reminders that ripen one after the other, urgent receipts, a long report; deliveries that fail and are
// tried again. It runs on the embedded server or on REDIS_URL, where it has a key prefix of its own and
// removes what it wrote.
import { connect, shutdownSignal } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { backlog, isUnsubscribed, receipts, reminders, type MailJobs } from './demo/mail-jobs.ts'
import { mailHandlers } from './demo/mail-handlers.ts'
import { plainLogger } from './demo/plain-logger.ts'
import { ProgressDisplay } from './demo/progress-display.ts'
import { removeKeys } from './demo/remove-keys.ts'
import { serverClock } from './demo/server-clock.ts'
import { summary } from './demo/summary.ts'
import { Tally } from './demo/tally.ts'

const concurrency = 50
const deadline = AbortSignal.timeout(45_000)
const shutdown = shutdownSignal()
const signal = AbortSignal.any([shutdown, deadline])

const prefix = `ripen-demo-${randomBytes(4).toString('hex')}`
const store = await connect({ prefix, logger: plainLogger })
try {
  await run()
} catch (error) {
  if (!isEndedBy(signal, error)) throw error
  console.error(deadline.aborted ? 'the demo did not end in time' : 'interrupted')
  process.exitCode = deadline.aborted ? 1 : 130
} finally {
  try {
    await removeKeys(store, prefix)
  } finally {
    await store.close()
  }
}

async function run(): Promise<void> {
  const where = store.topology === 'embedded' ? 'the embedded server' : `a server of yours (${store.topology})`
  console.log(`Ripen on ${where}, under the key prefix ${prefix}`)

  // By default a queue keeps the last 1,000 completed jobs; the summary counts them all.
  const mail = new Queue<MailJobs>('mail', { store, retain: { completed: { count: 100_000 } } })
  const tally = new Tally(await serverClock(store))

  const started = performance.now()
  const bulk = await mail.addBulk([...backlog(), ...reminders()])
  const report = await mail.add('report', { pages: 80 }, { priority: -20 })
  tally.added(bulk.length + 1, performance.now() - started)
  console.log(tally.addedLine())

  const worker = new Worker(mail, mailHandlers(tally), { concurrency, closeTimeout: '3 s' })
  tally.listen(worker)
  try {
    await Promise.all([worker.run({ signal }), useAndWatch()])
  } finally {
    await worker.close()
    await mail.close()
  }

  async function useAndWatch(): Promise<void> {
    const leavers = bulk.filter(isUnsubscribed).map(({ id }) => id)
    const customers = async (): Promise<[duplicates: number, cancelled: number]> => {
      const answers = await Promise.all([addReceipts(mail, tally), cancelReminders(mail, leavers)])
      tally.allAdded = true
      return answers
    }
    const display = new ProgressDisplay(mail, tally)
    const [[duplicates, cancelled], { pages }] = await Promise.all([
      customers(),
      report.wait({ signal }),
      display.showUntilAllEnded(signal),
    ])
    // A worker tells of a job once the server has accepted its end, which the counts may show a moment
    // earlier. Closed, it has told all.
    await worker.close()
    const seconds = (performance.now() - started) / 1_000
    const { text, complete } = summary({ tally, counts: await mail.counts(), duplicates, cancelled, pages, seconds })
    console.log(text)
    if (!complete) process.exitCode = 1
  }
}

/**
 * Requests that come in while the backlog is worked off. Some are sent twice: the id makes one job of them.
 * Answers how many were.
 */
async function addReceipts(mail: Queue<MailJobs>, tally: Tally): Promise<number> {
  let duplicates = 0
  for (const { order, times } of receipts()) {
    for (let time = 0; time < times; time++) {
      const job = await mail.add('receipt', { order }, { id: `receipt-${order}`, priority: -20 })
      if (job.duplicate) duplicates++
      else tally.added(1)
    }
    await pause(50, undefined, { signal })
  }
  return duplicates
}

/** Customers who leave while their reminder is waiting. Answers how many were in time. */
async function cancelReminders(mail: Queue<MailJobs>, ids: readonly string[]): Promise<number> {
  await pause(2_000, undefined, { signal })
  const answers = await Promise.all(ids.map((id) => mail.cancel(id, { reason: 'unsubscribed' })))
  return answers.reduce((sum, answer) => sum + answer, 0)
}

/** Whether an error is only the end that the signal asked for. */
function isEndedBy(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && error instanceof Error && (error === signal.reason || error.cause === signal.reason)
}
