import { Discard, RetryIn, Snooze, type Handlers } from '@ripen/worker'
import { setTimeout as pause } from 'node:timers/promises'
import type { MailJobs } from './mail-jobs.ts'
import { MailProvider } from './mail-provider.ts'
import type { Tally } from './tally.ts'

/** What the worker does for each job: a throw says what becomes of it. */
export function mailHandlers(tally: Tally): Handlers<MailJobs> {
  const provider = new MailProvider()
  return {
    newsletter: async (job) => {
      tally.attempt()
      const reply = await provider.deliver(job.data.reader)
      if (reply === 550) throw new Discard(`reader ${job.data.reader} has no mailbox`)
      if (reply === 450) {
        tally.snoozed++
        throw new Snooze('1 second')
      }
      if (reply === 452) throw new RetryIn('700 ms')
      if (reply === 421) throw new Error(`the server of reader ${job.data.reader} is busy`)
    },
    reminder: async (job) => {
      tally.attempt()
      tally.timed(job)
      await pause(5)
    },
    receipt: async (job) => {
      tally.attempt()
      tally.urgent(job)
      await pause(5)
    },
    report: async (job, { progress, signal }) => {
      tally.attempt()
      for (let page = 1; page <= job.data.pages; page++) {
        await pause(100, undefined, { signal })
        await progress({ page })
      }
      return { pages: job.data.pages }
    },
  }
}
