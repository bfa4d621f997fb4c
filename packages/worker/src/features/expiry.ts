import type { FeatureHost, ReportHandler } from './feature-host.ts'

/** Jobs that had not started in time and have failed: id, row and state row of each in turn. */
export function openExpiry(host: FeatureHost): ReportHandler {
  return (jobs) => host.runner.expired(jobs).forEach((job) => host.expired(job))
}
