/** Codes are the class name without `Error`, in upper snake case. They are stable: match on them, not on messages. */
export type RipenErrorCode = keyof typeof errorTable

/**
 * Every error that Ripen's packages throw, with its meaning and its remedy.
 * `docs/errors.md` is generated from this table.
 */
export const errorTable = {
  RIPEN_ACCESS: [
    'AccessError',
    'The user of the connection lacks a right on the server.',
    '`missing` names the command, key or channel. Grant it; [security.md](security.md) has the rights of each role.',
  ],
  RIPEN_BULK: [
    'BulkError',
    'Some jobs of an `addBulk` were not added.',
    'Read `results`: a job or an error for each item. Add the failed ones again with their ids.',
  ],
  RIPEN_CANCELLED: ['CancelledError', 'The job was cancelled.', 'Nothing to mend; `reason` tells why.'],
  RIPEN_CLOSING: [
    'ClosingError',
    'The object is closed, or closes while the call waits.',
    'Do not use it after `close()`. In a handler: stop, the job is handed back.',
  ],
  RIPEN_COMMAND: [
    'CommandError',
    'The server refused a command for a reason Ripen does not know.',
    'Read `cause`, the reply of the server.',
  ],
  RIPEN_CONFIGURATION: [
    'ConfigurationError',
    'An option, a name or an argument breaks its rule.',
    '`option` names it; the message gives the rule and the value.',
  ],
  RIPEN_CONNECTION: [
    'ConnectionError',
    'The server could not be reached, or not in time.',
    'Check the address, the password and the server; the call may be made again.',
  ],
  RIPEN_DURABILITY: [
    'DurabilityError',
    'Fewer replicas than `durability` asks for had an add in time; the job may exist.',
    'Look after the replicas. Add again with the id in `jobId`: that is safe.',
  ],
  RIPEN_EMPTY_SET: ['EmptySetError', 'Nothing (or nothing due) is in the set.', 'Expected when a set runs dry: handle it, or use `take`.'],
  RIPEN_ENDPOINT: [
    'EndpointError',
    'An endpoint refused a request.',
    '`retcode` tells why (304 value, 305 no answer in time, 306 not supported, 307 locked, 308 malformed key, 999 the endpoint threw); `payload` has what it gave along.',
  ],
  RIPEN_ENQUEUE_TIMEOUT: [
    'EnqueueTimeoutError',
    'An add was not confirmed within `enqueueTimeout`; the job may exist.',
    'Add again with the id in `jobId`: that is safe.',
  ],
  RIPEN_EXPIRED: [
    'ExpiredError',
    'The job had not started within `expiresIn` of being due, so it did not run any more.',
    'Add workers, give it more time, or retry it: its time then begins again.',
  ],
  RIPEN_INVALID_JOB: [
    'InvalidJobError',
    "A job's data or result cannot be stored, its schema refused it, or its row, which another client wrote, cannot be read.",
    '`issues` lists what is wrong. Nothing was written.',
  ],
  RIPEN_JOB_FAILED: ['JobFailedError', 'The job that was waited for failed for good.', '`cause` is the error of its last attempt.'],
  RIPEN_JOB_GONE: [
    'JobGoneError',
    'The job that was waited for was removed, or its retention ended.',
    'Wait before the job ends, or keep finished jobs for longer (`retain`).',
  ],
  RIPEN_LAYOUT_TOO_NEW: ['LayoutTooNewError', 'The queue was written by a newer version of Ripen.', 'Upgrade this process.'],
  RIPEN_LEASE_LOST: [
    'LeaseLostError',
    'The lease of a job or a lock ended; somebody else may have it.',
    'Stop the work; what it wrote must be guarded by `fence`.',
  ],
  RIPEN_LOCK_TIMEOUT: [
    'LockTimeoutError',
    'A lock did not become free within `timeout`.',
    'Wait for longer, hold locks for a shorter time, or lock a narrower path.',
  ],
  RIPEN_PATH: [
    'PathError',
    'A path breaks its rule, or does not lead to anything in a document.',
    'Segments are well-formed text, not empty, without dots and control characters; the parent of what is written must be there.',
  ],
  RIPEN_REVISION: [
    'RevisionError',
    'The channel is not at the revision that `ifRev` asked for.',
    'Read it again, and decide anew; `revision` tells where it is.',
  ],
  RIPEN_STALLED: [
    'StalledError',
    'The job lost its lease more than `maxStalls` times: it blocks or kills its worker.',
    'Read the logs of the workers that ran it.',
  ],
  RIPEN_STORE_FULL: [
    'StoreFullError',
    'The server has reached `maxmemory` and takes nothing new.',
    'Give it memory, shorten retention, or let workers drain the queue.',
  ],
  RIPEN_TIMED_OUT: ['TimedOutError', 'What was waited for did not happen in time.', 'Wait for longer, or find out what keeps it.'],
  RIPEN_WRONG_TYPE: [
    'WrongTypeError',
    'A key holds another type of value than expected, or a text that is no JSON.',
    'Another program, or another name space, uses the key.',
  ],
} as const satisfies Record<string, readonly [className: string, meaning: string, remedy: string]>
