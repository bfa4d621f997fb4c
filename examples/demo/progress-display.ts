import type { JobState, Queue } from '@ripen/queue'
import { stripVTControlCharacters, styleText } from 'node:util'
import { setTimeout as pause } from 'node:timers/promises'
import { count } from './count.ts'
import type { MailJobs } from './mail-jobs.ts'
import type { Tally } from './tally.ts'

type Counts = Record<JobState, number>

/** How often the counts are read, in ms, and how often they are printed where there is no terminal. */
const every = 200
const plainEvery = 1_000
const barWidth = 40
const states = ['ready', 'scheduled', 'active', 'completed', 'failed', 'cancelled'] as const

/** Shows the counts of the queue: a bar that is painted anew in a terminal, else a line each second. */
export class ProgressDisplay {
  readonly #mail: Queue<MailJobs>
  readonly #tally: Tally
  readonly #started = performance.now()
  #painted = 0
  #printedAt = this.#started

  constructor(mail: Queue<MailJobs>, tally: Tally) {
    this.#mail = mail
    this.#tally = tally
  }

  /** Resolves when every job has ended, by the queue's own counts, and nobody adds any more. */
  async showUntilAllEnded(signal: AbortSignal): Promise<void> {
    for (;;) {
      const counts = await this.#mail.counts()
      const ended = counts.completed + counts.failed + counts.cancelled
      const last = this.#tally.allAdded && ended === this.#tally.total
      this.#show(counts, ended / this.#tally.total, last)
      if (last) return
      await pause(every, undefined, { signal })
    }
  }

  #show(counts: Counts, share: number, last: boolean): void {
    const now = performance.now()
    const elapsed = (now - this.#started) / 1_000
    if (process.stdout.isTTY) return this.#paint(counts, share, elapsed)
    if (now - this.#printedAt < plainEvery && !last) return
    this.#printedAt = now
    console.log(`${elapsed.toFixed(1).padStart(5)} s  ${percent(share)}  ${standing(counts).join(', ')}`)
  }

  #paint(counts: Counts, share: number, elapsed: number): void {
    const filled = Math.floor(share * barWidth)
    const bar = styleText('green', '█'.repeat(filled)) + styleText('gray', '░'.repeat(barWidth - filled))
    const { attempts, retried, snoozed, page } = this.#tally
    const lines = [
      `${bar} ${percent(share)}  ${elapsed.toFixed(1)} s`,
      standing(counts).join(' · '),
      `${count(attempts)} attempts · ${count(retried)} retried · ${count(snoozed)} snoozed · report: page ${page}`,
    ]
    const up = this.#painted === 0 ? '' : `\u001B[${this.#painted}A`
    process.stdout.write(up + lines.map((line) => `\u001B[2K${fitting(line)}\n`).join(''))
    this.#painted = lines.length
  }
}

function standing(counts: Counts): string[] {
  return states.map((state) => `${state} ${count(counts[state])}`)
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`.padStart(5)
}

/** A line that wraps could not be painted over; colours go first. */
function fitting(line: string): string {
  // Some terminals say that they have no columns.
  const width = process.stdout.columns || 80
  const plain = stripVTControlCharacters(line)
  return plain.length < width ? line : plain.slice(0, width - 1)
}
