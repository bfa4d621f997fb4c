import { expiry } from './expiry/expiry.ts'
import type { JobFeature } from './job-feature.ts'
import { unique } from './unique/unique.ts'

/** The features that a job uses by options of its own, by the names of these. */
export const jobFeatures = { expiresIn: expiry, unique }

/** The options of features as they were parsed, and as a row keeps them. */
export type FeatureOptions = {
  readonly [Option in keyof typeof jobFeatures]: (typeof jobFeatures)[Option] extends JobFeature<infer Parsed> ? Parsed : never
}

export const jobFeaturesByOption: readonly (readonly [option: keyof FeatureOptions, feature: JobFeature<any>])[] = Object.entries<
  JobFeature<any>
>(jobFeatures) as [keyof FeatureOptions, JobFeature<any>][]
