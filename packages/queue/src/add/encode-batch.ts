import type { Composition, FeatureName } from '../features/composition.ts'
import { noExtras } from '../features/extras.ts'
import type { QueueOrder } from '../queue-settings.ts'
import { encodeAdd } from './encode-add.ts'
import { idsOf, type IdRange } from './generated-ids.ts'
import type { PreparedJob } from './prepared-job.ts'

/**
 * Rows of more characters may have more than 8 KiB: the server is told how long they are, so that it hands
 * out fewer at a time.
 */
const shortRow = 2_730

/** What `add.lua` is sent of a batch of jobs. */
export interface EncodedBatch {
  /** Of each job, in order: its own, or one that was generated. */
  readonly ids: readonly string[]
  /** Those that the jobs use. */
  readonly features: ReadonlySet<FeatureName>
  /** The arguments that depend on the jobs alone. */
  readonly values: IdRange & {
    /** Whether each of the records has an id of its own, 1 or 0; `''` when none has. */
    readonly named: string
    /** How many jobs are sent as rows alone. */
    readonly plain: number
    /** Bytes of the longest row; `''` when all are short. */
    readonly longest: number | ''
  }
  /** Rows of plain jobs, then the records of the others, which depend on what the script is composed of. */
  readonly records: readonly string[] | ((composition: Composition) => readonly string[])
}

const noFeatures: ReadonlySet<FeatureName> = new Set()

/**
 * Jobs that travel together, as `add.lua` reads them. Pure.
 *
 * @param ids as many as there are jobs.
 */
export function encodeBatch(jobs: readonly { readonly job: PreparedJob }[], order: QueueOrder, ids: IdRange): EncodedBatch {
  let plain = 0
  let named = false
  let longest = 0
  let features: Set<FeatureName> | undefined
  for (const { job } of jobs) {
    if (job.row.length > shortRow) longest = Math.max(longest, Buffer.byteLength(job.row))
    if (job.plain) plain++
    else if (job.id !== '') named = true
    if (job.extras !== noExtras) for (const name of Object.keys(job.extras)) (features ??= new Set()).add(name as FeatureName)
  }
  // In order: with one among them that could run now and needs more than its row, all are sent as records;
  // and always where they are ranked by deadline.
  if (named || features !== undefined || order === 'deadline') plain = 0
  const allPlain = plain === jobs.length
  const generated = idsOf(ids, jobs.length)
  const given = allPlain ? generated : givenIds(jobs, plain, generated)
  return {
    ids: given,
    features: features ?? noFeatures,
    values: {
      ...ids,
      named: named ? jobs.map(({ job }) => (job.id === '' ? '0' : '1')).join('') : '',
      plain,
      longest: longest === 0 ? '' : longest,
    },
    records: allPlain ? jobs.map(({ job }) => job.row) : (composition) => recordsOf(jobs, plain, given, composition),
  }
}

/** The script counts the ids of plain jobs on from the first, so these have the first ones. */
function givenIds(jobs: readonly { readonly job: PreparedJob }[], plain: number, generated: readonly string[]): string[] {
  let first = 0
  let next = plain
  return jobs.map(({ job }) => (job.id !== '' ? job.id : (generated[plain > 0 && job.plain ? first++ : next++] as string)))
}

function recordsOf(
  jobs: readonly { readonly job: PreparedJob }[],
  plain: number,
  ids: readonly string[],
  composition: Composition,
): readonly string[] {
  const records: string[] = []
  if (plain > 0) for (const { job } of jobs) if (job.plain) records.push(job.row)
  for (const [i, { job }] of jobs.entries()) if (plain === 0 || !job.plain) encodeAdd(records, ids[i] as string, job, composition)
  return records
}
