import type { Replication } from '@ripen/store/internal'
import { noExtras, type Extras } from '../features/extras.ts'
import type { StoredOptions } from '../job/stored-options.ts'
import type { AddRecord } from './encode-add.ts'
import type { OptionSet } from './option-sets.ts'

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
export function sharingJob(name: string, data: unknown, text: string, { stored, rowHead, extras }: OptionSet): PreparedJob {
  const plain = extras === noExtras
  return { id: '', name, data, priority: 0, options: stored, row: rowHead + text, due: '', extras, plain, durability: undefined }
}

/**
 * Whether the row says all of a job that is due at once and has no id of its own: see
 * {@link PreparedJob.plain}.
 */
export function saysAll(row: string, extras: Extras): boolean {
  return extras === noExtras && row.startsWith(':0:')
}
