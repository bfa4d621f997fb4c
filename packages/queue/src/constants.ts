/**
 * Numbers that scripts and their callers share. Lua has them as `@constant:<name>`, which the embedder fills
 * in from this file: plain numbers only.
 */

/** Places within one priority, in the score of a ready job: 2^42. */
export const priorityBand = 4_398_046_511_104
export const leastPriority = -1_024
export const mostPriority = 1_023
/** Places of jobs without a deadline, where deadlines order: behind this time, in ms (in the year 2074). */
export const noDeadlineFrom = 3_298_534_883_328
/**
 * Times are below it, in ms: 2^44, in the year 2527. What is more was written by another client and is no
 * time.
 */
export const timeLimit = 17_592_186_044_416
/** Ends of jobs with a retention of their own, in µs, are above it: 2^52. */
export const ownRetentionBand = 4_503_599_627_370_496
/** No queue has had as many jobs: a larger sequence was written by another client. */
export const sequenceLimit = 1_000_000_000_000
/** A larger fence was written by another client: fences have 16 digits. */
export const fenceLimit = 9_000_000_000_000_000
/** By how much the clock of the last end may be ahead, in µs, before it is not believed. */
export const clockLead = 60_000_000

/**
 * For how long a lane, and an id that was added again, is remembered, in ms: no connection delivers so late.
 */
export const laneMemory = 600_000
/** Lanes that go with one name of a client. */
export const clientLanes = 4
/** Lanes of a worker: more than two gain nothing. */
export const workerLanes = 2
/** For how long a keeper is not replaced, in ms. */
export const keeperHolds = 1_500
/** When nobody has tidied for so long, in ms, the server was away. */
export const untidiedLimit = 3_000
/** For how long no lease is judged then, in ms. */
export const recoveryPause = 1_500
/** A worker that was silent for so long, in ms, is forgotten. */
export const workerMemory = 60_000

/** For how long jobs that have completed or were cancelled are kept, in ms, and how many. */
export const completedAge = 86_400_000
export const completedCount = 1_000
/** The same for those that have failed. */
export const failedAge = 2_592_000_000
export const failedCount = 10_000

/** Jobs in one call, reported, taken, added or removed. */
export const batchJobs = 500
/** Bytes of rows in one answer, about. */
export const answerBytes = 8_000_000
/**
 * Bytes of rows in one page of a scan, about: the server may answer with more entries than were asked for.
 */
export const pageBytes = 4_000_000
/** Bytes of members in one answer of a sorted set, about. */
export const memberBytes = 8_388_608
/** Up to this length of a row, in bytes, as many as a call may have fit into one answer. */
export const longRow = 8_192
/** A schedule that nobody could read for so long, in ms, stands aside for as long. */
export const unreadRest = 60_000
/** At rest, a queue ends after so long, in ms. */
export const restingTime = 86_400_000

/** Lines that a job keeps of its log. */
export const logLines = 1_000
/** Bytes of these lines. */
export const logBytes = 65_536
/** A row of a log that is longer was not written by Ripen, in bytes. */
export const longestLogRow = 70_000
