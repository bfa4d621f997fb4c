import { CommandError } from '@ripen/store'
import { registerScriptError } from '@ripen/store/internal'

/**
 * The queue uses other features than the script was composed for. The call is made again, so nobody outside
 * hears of this error, unless the queue answers it again and again.
 */
class OtherFeaturesError extends CommandError {
  readonly features: string

  constructor(features: string) {
    super(`the queue uses other features: ${features}`)
    this.features = features
  }
}

registerScriptError('OTHER_FEATURES', (features) => new OtherFeaturesError(features))

export function isOtherFeatures(error: unknown): error is OtherFeaturesError {
  return error instanceof CommandError && 'features' in error && typeof error.features === 'string'
}
