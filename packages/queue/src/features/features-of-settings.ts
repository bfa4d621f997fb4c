import type { ParsedQueueSettings } from '../queue-settings.ts'
import type { FeatureName } from './composition.ts'

/** The features that a queue uses by its settings, whatever its jobs are. */
export function featuresOfSettings({ order }: Pick<ParsedQueueSettings, 'order'>): readonly FeatureName[] {
  if (order === 'deadline') return ['expiry', 'ties']
  return order === 'scorer' ? ['ties'] : []
}
