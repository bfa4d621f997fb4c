import type { Composition } from '../features/composition.ts'
import type { Extras } from '../features/extras.ts'

/** A job to add, as scripts read it, without its id. */
export interface AddRecord {
  /** As {@link encodeRow} makes it. */
  readonly row: string
  /** `''`: at once; `'+ms'` from now; or epoch ms. */
  readonly due: string
  readonly extras: Extras
}

/**
 * Appends the record of a job, which is the same for all who add: id, row, due time, and one value for each
 * feature that has one.
 *
 * @param composition of the script that reads it: `add` or `tick`.
 */
export function encodeAdd(records: string[], id: string, { row, due, extras }: AddRecord, { recorded }: Composition): void {
  records.push(id, row, due)
  for (const name of recorded) records.push(extras[name] ?? '')
}
