import type { WorkerFeature } from './feature-host.ts'

/** Reports jobs that had not started in time and have failed: id, row and state row of each in turn. */
export const expiryFeature: WorkerFeature = {
  scripts: [],
  open: (host) => ({ report: (jobs) => host.expired(jobs) }),
}
