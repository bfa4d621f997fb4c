import type { JobState } from '@ripen/queue'
import { count } from './count.ts'
import type { Tally } from './tally.ts'

export interface Ending {
  readonly tally: Tally
  readonly counts: Record<JobState, number>
  readonly duplicates: number
  readonly cancelled: number
  readonly pages: number
  readonly seconds: number
}

/** The closing words, and whether every job that was added has ended and none was early. */
export function summary({ tally, counts, duplicates, cancelled, pages, seconds }: Ending): { text: string; complete: boolean } {
  const { attempts, retried, snoozed, discarded, exhausted, early, total } = tally
  const ended = counts.completed + counts.failed + counts.cancelled
  const lines = [
    `done in ${seconds.toFixed(1)} s`,
    `  jobs        ${count(total)} added: ${count(counts.completed)} completed, ${count(counts.failed)} failed, ${count(counts.cancelled)} cancelled, ${count(total - ended)} left`,
    `  attempts    ${count(attempts)} begun: ${count(retried)} failed and were retried, ${count(snoozed)} snoozed`,
    `  failed      ${count(discarded)} discarded at once, ${count(exhausted)} out of attempts`,
    `  throughput  ${count(attempts / seconds)} attempts per second, ${count(tally.busiestSecond)} in the busiest`,
    `  lateness    of ${count(tally.lateness.length)} reminders: p50 ${milliseconds(tally.lateness, 0.5)}, p99 ${milliseconds(tally.lateness, 0.99)}, ${count(early)} early`,
    `  priority    ${count(tally.waits.length)} receipts passed the backlog: p50 ${milliseconds(tally.waits, 0.5)}, p99 ${milliseconds(tally.waits, 0.99)} from add to start`,
    `  ids         ${count(duplicates)} receipts were sent twice and ran once`,
    `  cancel      ${count(cancelled)} reminders were cancelled before they were due`,
    `  progress    the report has its ${count(pages)} pages`,
  ]
  return { text: lines.join('\n'), complete: ended === total && early === 0 }
}

function milliseconds(values: readonly number[], quantile: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  return `${(sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0).toFixed(0)} ms`
}
