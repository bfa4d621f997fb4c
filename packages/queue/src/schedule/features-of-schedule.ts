import { extrasOf } from '../features/extras.ts'
import { preparedOptions } from '../job/row.ts'
import type { StoredSpec } from './schedule-spec.ts'

/**
 * The features that a schedule uses, with those of its jobs, as `meta` has them. @param text its spec, as the
 * row has it.
 */
export function featuresOfSchedule(text: string): string {
  const { row } = JSON.parse(text) as StoredSpec
  return ['schedules', ...Object.keys(extrasOf(preparedOptions(row)))].join(' ')
}
