import type { Replication } from '@ripen/store/internal'
import { noExtras } from '../features/extras.ts'
import { noOptions, type StoredOptions } from '../job/stored-options.ts'
import type { AddRecord } from './encode-add.ts'

/** A job that has been checked and can be sent. */
export interface PreparedJob extends AddRecord {
  /** `''`: to be generated. */
  readonly id: string
  readonly name: string
  readonly data: unknown
  readonly priority: number
  readonly options: StoredOptions
  /**
   * Its row says all: it is ready at once, has priority 0, no place by a Scorer, no id of its own and no
   * feature.
   */
  readonly plain: boolean
  readonly durability: Replication | undefined
}

/** A job without options of its own. Most are, so this allocates little. */
export function plainJob(name: string, data: unknown, row: string): PreparedJob {
  return { id: '', name, data, priority: 0, options: noOptions, row, due: '', extras: noExtras, plain: true, durability: undefined }
}

/** Sees whether the job is plain after all. */
export function preparedJob(job: Omit<PreparedJob, 'plain'>): PreparedJob {
  const { id, row, due, extras } = job
  return { ...job, plain: row.startsWith(':0:') && id === '' && due === '' && extras === noExtras }
}
