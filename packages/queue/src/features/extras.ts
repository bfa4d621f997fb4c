import type { StoredOptions } from '../job/stored-options.ts'
import type { FeatureName } from './composition.ts'
import { encodeClaim } from './unique/unique.ts'

/** What features add to the record of a job in `add`, as their scripts read it. */
export type Extras = Readonly<Partial<Record<FeatureName, string>>>

export const noExtras: Extras = Object.freeze({})

/** The features that a job uses by its options. */
export function extrasOf({ unique, expiresIn }: { readonly [Name in 'unique' | 'expiresIn']?: StoredOptions[Name] | undefined }): Extras {
  if (unique === undefined && expiresIn === undefined) return noExtras
  return {
    ...(expiresIn === undefined ? {} : { expiry: String(expiresIn) }),
    ...(unique === undefined ? {} : { unique: encodeClaim(unique) }),
  }
}
