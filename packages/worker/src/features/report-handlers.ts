import { openExpiry } from './expiry.ts'
import type { FeatureHost, ReportHandler } from './feature-host.ts'
import { openSchedules } from './schedules.ts'

/** The handlers of features that report, by the feature's name. */
export function openReportHandlers(host: FeatureHost): ReadonlyMap<string, ReportHandler> {
  return new Map([
    ['expiry', openExpiry(host)],
    ['schedules', openSchedules(host)],
  ])
}
