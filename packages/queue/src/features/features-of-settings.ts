import type { ParsedQueueSettings } from '../queue-settings.ts'
import type { FeatureName } from './composition.ts'

/** The features that a queue uses by its settings, whatever its jobs are. */
export function featuresOfSettings({ order }: Pick<ParsedQueueSettings, 'order'>): readonly FeatureName[] {
  return order === 'deadline' ? ['expiry'] : []
}
