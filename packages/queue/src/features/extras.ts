import type { FeatureName } from './composition.ts'
import { jobFeaturesByOption, type FeatureOptions } from './job-features.ts'

/** What features add to the record of a job, as their scripts read it. */
export type Extras = Readonly<Partial<Record<FeatureName, string>>>

export const noExtras: Extras = Object.freeze({})

/** Asks each feature for its part of a job with these options. */
export function extrasOf(options: Partial<FeatureOptions>): Extras {
  let extras: Partial<Record<FeatureName, string>> | undefined
  for (const [option, { name, encode }] of jobFeaturesByOption) {
    const value = options[option]
    if (value !== undefined) (extras ??= {})[name] = encode(value)
  }
  return extras ?? noExtras
}

export function mergeExtras(one: Extras, other: Extras): Extras {
  return other === noExtras ? one : one === noExtras ? other : { ...one, ...other }
}
