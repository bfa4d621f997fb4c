import * as fc from 'fast-check'
import { JobNews } from '../../../packages/queue/src/read/job-news.ts'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'

/** How long who waits is remembered, in ms. */
const remembered = 60_000

export const waiting: CommandKind = commandKind(
  3,
  fc.record({ client: aClient, choice: aChoice, watches: fc.boolean() }),
  (model, { client, choice, watches }) => {
    const id = model.pick(choice, 'scheduled', 'ready', 'active', 'blocked')
    if (id === undefined) return undefined
    return {
      text: `client ${client} ${watches ? 'watches' : 'waits for'} ${id}`,
      act: async (run) => {
        const message = await new JobNews(clientOf(run, client).shard).ask(id, watches)
        const job = model.jobs.get(id)
        const over = job === undefined ? 'gone' : /scheduled|ready|active|blocked/.test(job.state) ? undefined : job.state
        expectAnswer(message?.kind, over)
        if (job === undefined || over !== undefined) return
        job.waitedUntil = Math.max(model.now + remembered, job.waitedUntil ?? 0)
        if (watches) job.watchedUntil = job.waitedUntil
      },
    }
  },
)
