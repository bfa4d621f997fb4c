import type { Rule } from '@ripen/store/internal'
import type { Check } from '../job/checks.ts'
import type { FeatureName } from './composition.ts'

/** A feature that a job uses by an option of its own. */
export interface JobFeature<Parsed> {
  readonly name: FeatureName
  /** Of the option, as it is given. */
  readonly rule: Rule<Parsed>
  /** Whether its option differs from job to job, so that it is checked and written down for each. */
  readonly varies: boolean
  /** Whether it is as a row keeps it. */
  readonly isStored: Check
  /** Its value in the record of a job, as the scripts of the feature read it. */
  readonly encode: (option: Parsed) => string
}
