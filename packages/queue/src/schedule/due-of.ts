import { ConfigurationError } from '@ripen/store'
import { describeError } from '@ripen/store/internal'
import { encodeAdd } from '../add/encode-add.ts'
import { singleId } from '../add/generated-ids.ts'
import { Composition } from '../features/composition.ts'
import { dueRuns, mostMissed } from './due-runs.ts'
import { jitterOf } from './jitter.ts'
import { decodeSchedule } from './schedule-row.ts'
import { runsOf } from './scheduled-run.ts'

/**
 * A call is closed once it has more characters of rows, or more runs, than this: one more schedule, of at
 * most 100 runs, may be on top. So no call holds the server for long.
 */
const callCharacters = 2 ** 20
const callRuns = 1_000

const overlapLetters = { all: 'a', one: 'o', skip: 's' } as const

/** A schedule that cannot be read here. */
export interface UnreadableSchedule {
  readonly id: string
  readonly error: ConfigurationError
}

/**
 * What tick.lua is to be told of schedules that are due, in one call or several.
 *
 * @param due id, next run and row of each, as `settle` tells them.
 * @returns also what is wrong with schedules that cannot be read here: others may tick them; and which have
 *   missed more runs than are made up for.
 */
export function dueOf(
  due: readonly string[],
  now: number,
): { readonly calls: string[][]; readonly failures: readonly UnreadableSchedule[]; readonly leftOut: readonly ConfigurationError[] } {
  const calls: string[][] = []
  const failures: UnreadableSchedule[] = []
  const leftOut: ConfigurationError[] = []
  let size = Number.POSITIVE_INFINITY
  let runs = 0
  for (let i = 0; i < due.length; i += 3) {
    const [id = '', next = '', row = ''] = due.slice(i, i + 3)
    const group = groupOf(id, next, row, now, failures, leftOut)
    if (size > callCharacters || runs > callRuns) {
      calls.push([])
      size = runs = 0
    }
    calls.at(-1)?.push(...group)
    size += group.reduce((sum, text) => sum + text.length, 0)
    runs += Number(group[7])
  }
  return { calls, failures, leftOut }
}

function groupOf(
  id: string,
  due: string,
  row: string,
  now: number,
  failures: UnreadableSchedule[],
  leftOut: ConfigurationError[],
): string[] {
  try {
    const schedule = decodeSchedule(row)
    if (!(Number(due) >= 0)) throw new ConfigurationError('next run', 'must be a time')
    const { runs, next, leftOutBefore } = dueRuns(schedule, Number(due), now)
    if (leftOutBefore !== undefined)
      leftOut.push(
        new ConfigurationError(
          `schedule ${id}`,
          `missed more than ${mostMissed} runs: those before ${new Date(leftOutBefore).toISOString()} are skipped; set catchUpWindow to limit how late a run may be`,
        ),
      )
    const { overlap, limit, jitter, row: job } = schedule.spec
    const last = String(runs.at(-1) ?? '')
    const group = [id, schedule.revision, due, String(next ?? ''), overlapLetters[overlap], String(limit ?? ''), last, String(runs.length)]
    const runAt = runsOf(id, job)
    for (const at of runs) encodeAdd(group, singleId(), runAt(at, at + jitterOf(id, at, jitter)), Composition.all)
    return group
  } catch (error) {
    failures.push({ id, error: new ConfigurationError(`schedule ${id}`, `cannot be read here: ${describeError(error).message}`) })
    const revision = /^\d+/.exec(row)?.[0] ?? ''
    return [id, revision, due, '!', 's', '', '', '0']
  }
}
