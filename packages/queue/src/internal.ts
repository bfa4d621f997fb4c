/**
 * What the worker uses of the queue beyond its public face. No promise of stability: all packages of a
 * release go together.
 */
export { batchJobs, logBytes, logLines, workerLanes } from './constants.ts'
export { Composition } from './features/composition.ts'
export { backoffDelay, exponential } from './job/backoff.ts'
export { serialize, deserialize } from './job/payload.ts'
export { jobHomeOf, type JobHome } from './job/job-home.ts'
export { StoredJob } from './job/job.ts'
export { decodeRow, decodeState, encodeProgress, encodeState, encodeTail, type DecodedRow, type JobStateRow } from './job/row.ts'
export { validate } from './job/standard-schema.ts'
export * from './scripts.generated.ts'
export { dueOf } from './schedule/due-of.ts'
export { Shard, type Session } from './shard/shard.ts'
export { awaitedJobs } from './read/waits.ts'
