import { expiryFeature } from './expiry.ts'
import { logsFeature } from './logs/logs-feature.ts'
import { schedulesFeature } from './schedules.ts'

/** All features that have a part in the worker, by the name under which `settle` reports. */
export const workerFeatures = {
  expiry: expiryFeature,
  logs: logsFeature,
  schedules: schedulesFeature,
}
