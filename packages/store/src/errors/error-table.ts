/**
 * Codes are the class name without `Error`, in upper snake case. They are stable: match on them, not on
 * messages.
 */
export type RipenErrorCode = keyof typeof errorTable

/**
 * Every error that Ripen's packages throw, with its meaning and its remedy.
 * `docs/errors.md` is generated from this table.
 */
export const errorTable = {
  RIPEN_ACCESS: [
    'AccessError',
    'The user of the connection lacks a right on the server.',
    'Grant what `missing` names: a command, a key or a channel. [security.md](security.md) has the rights of each role.',
  ],
  RIPEN_BULK: [
    'BulkError',
    'Some jobs of an `addBulk` were not added.',
    '`results` has a job or an error for each item. Add those that failed again, with their ids.',
  ],
  RIPEN_CANCELLED: ['CancelledError', 'The job was cancelled.', 'Nothing needs fixing. `reason` says why it was cancelled.'],
  RIPEN_CLOSING: [
    'ClosingError',
    'The object is closed, or was closed while the call waited.',
    'Do not use it after `close()`. In a handler, stop: the job is handed back.',
  ],
  RIPEN_COMMAND: [
    'CommandError',
    'The server refused a command for a reason that Ripen does not know.',
    'Read `cause`: it is the reply of the server.',
  ],
  RIPEN_CONFIGURATION: [
    'ConfigurationError',
    'An option, a name or an argument breaks its rule.',
    '`option` names it. The message gives the rule and the value.',
  ],
  RIPEN_CONNECTION: [
    'ConnectionError',
    'The server could not be reached in time.',
    'Check the address, the password and the server, then try again.',
  ],
  RIPEN_DURABILITY: [
    'DurabilityError',
    'Too few replicas confirmed an add in time. The job may exist.',
    'Check the replicas. Adding the job again with the id in `jobId` is safe.',
  ],
  RIPEN_EMPTY_SET: [
    'EmptySetError',
    'The set is empty, or nothing in it is due.',
    'Expected when a set runs empty. Handle it, or use `take`, which returns an empty list.',
  ],
  RIPEN_ENDPOINT: [
    'EndpointError',
    'An endpoint refused a request.',
    '`retcode` says why: 304 invalid value, 305 no answer in time, 306 not supported, 307 locked, 308 malformed key, 999 the endpoint threw. `payload` has what the endpoint sent with it.',
  ],
  RIPEN_ENQUEUE_TIMEOUT: [
    'EnqueueTimeoutError',
    'An add was not confirmed within `enqueueTimeout`. The job may exist.',
    'Adding the job again with the id in `jobId` is safe.',
  ],
  RIPEN_EXPIRED: [
    'ExpiredError',
    'The job did not start within `expiresIn` of being due, so it was not run.',
    'Add workers, allow more time, or retry the job, which starts its time anew.',
  ],
  RIPEN_INVALID_JOB: [
    'InvalidJobError',
    "A job's data or result cannot be stored, or its schema refused it, or another client wrote a row that cannot be read.",
    '`issues` lists what is wrong. Nothing was written.',
  ],
  RIPEN_JOB_FAILED: ['JobFailedError', 'The awaited job failed for good.', '`cause` is the error of its last attempt.'],
  RIPEN_JOB_GONE: [
    'JobGoneError',
    'The awaited job was removed, or its retention ended.',
    'Start to wait before the job ends, or keep ended jobs for longer (`retain`).',
  ],
  RIPEN_LAYOUT_TOO_NEW: ['LayoutTooNewError', 'The queue was written by a newer version of Ripen.', 'Upgrade this process.'],
  RIPEN_LEASE_LOST: [
    'LeaseLostError',
    'The lease of a job or a lock ended. Someone else may hold it now.',
    'Stop the work. Guard what it writes with `fence`.',
  ],
  RIPEN_LOCK_TIMEOUT: [
    'LockTimeoutError',
    'A lock did not become free within `timeout`.',
    'Wait longer, hold locks for a shorter time, or lock a narrower path.',
  ],
  RIPEN_PATH: [
    'PathError',
    'A path breaks its rule, or leads to nothing in a document.',
    'Segments are non-empty, well-formed text without dots or control characters. The parent of what is written must exist.',
  ],
  RIPEN_REVISION: [
    'RevisionError',
    'The channel is not at the revision that `ifRev` asked for.',
    'Read the channel again and decide anew. `revision` is its current revision.',
  ],
  RIPEN_STALLED: [
    'StalledError',
    'The job lost its lease more than `maxStalls` times. It probably blocks or kills its worker.',
    'Read the logs of the workers that ran it.',
  ],
  RIPEN_STORE_FULL: [
    'StoreFullError',
    'The server has reached `maxmemory` and accepts no new data.',
    'Add memory, keep fewer ended jobs, or run more workers.',
  ],
  RIPEN_TIMED_OUT: [
    'TimedOutError',
    'Something did not happen in time.',
    'The message says what. Wait longer, or find out what delays it.',
  ],
  RIPEN_WRONG_TYPE: [
    'WrongTypeError',
    'A key holds a value of another type, or text that is not JSON.',
    'Another program or another prefix uses the key. Use other names.',
  ],
} as const satisfies Record<string, readonly [className: string, meaning: string, remedy: string]>
