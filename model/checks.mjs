/**
 * What is checked. `bounds` and `variant` become #defines of the model.
 *
 * @typedef {object} Check
 * @property {string} name names the check; a variant has the name of its #define
 * @property {string} model file without `.pml`
 * @property {Record<string, number>} bounds
 * @property {'design' | 'broken' | 'limit'} kind `design` has to hold; the others have to give a
 *   counterexample: broken designs, and what no design of this kind can promise
 * @property {string} promise of a design: `assertions`, the name of an ltl formula, or `progress` (no busy
 *   loop); of the others: which promise the counterexample breaks
 * @property {boolean} quick part of the bounded run
 */

const oneLane = { LANE_COUNT: 1, CONCURRENCY: 1, RETRIES: 0 }
const twoLanes = { LANE_COUNT: 2, CONCURRENCY: 2, RETRIES: 0 }
const one = { WORKER_COUNT: 1, DEATHS: 0 }
const two = { WORKER_COUNT: 2, DEATHS: 1 }

const lostReply = { ...one, ...twoLanes, JOB_COUNT: 1, CUTS: 1, LAPSES: 0 }
const lateHeartbeat = { ...one, ...twoLanes, JOB_COUNT: 1, CUTS: 1, LAPSES: 1 }
const deadWorker = { ...two, ...oneLane, JOB_COUNT: 1, CUTS: 1, LAPSES: 0 }
const staleWorker = { ...two, ...oneLane, JOB_COUNT: 1, CUTS: 0, LAPSES: 1 }

const waiting = { JOB_COUNT: 2, RETRIES: 1, DEATHS: 0, PAUSES: 0, LAST: 6, LATER: 3 }
const dying = { JOB_COUNT: 1, RETRIES: 1, DEATHS: 1, PAUSES: 0, LAST: 12, LATER: 9, LOOKS: 1 }

const adding = { JOBS: 2, CUTS: 1, ENDS: 1, LOSS: 0 }

const steering = { CALLS: 4, CUTS: 2, ENDS: 2, ONE_AT_A_TIME: 1 }
const twoAtATime = { ...steering, ENDS: 0, ONE_AT_A_TIME: 0 }

const assertions = 'assertions'

/** @returns {Check[]} */
const designs = (model, quick, rows) => rows.map(([name, bounds, promise]) => ({ name, model, bounds, kind: 'design', promise, quick }))

/** @returns {Check[]} */
const variants = (kind, model, rows) => rows.map(([name, promise, bounds]) => ({ name, model, bounds, kind, promise, quick: true }))

/** @type {Check[]} */
export const checks = [
  ...designs('add', true, [
    ['cuts, given up', adding, assertions],
    ['last writes lost', { ...adding, ENDS: 0, LOSS: 1 }, assertions],
    ['cuts, given up', adding, 'every_add_is_answered'],
    ['cuts, given up', adding, 'acknowledged_jobs_leave'],
    ['last writes lost', { ...adding, LOSS: 1 }, 'progress'],
  ]),
  ...designs('add', false, [
    ['three jobs, two cuts', { JOBS: 3, CUTS: 2, ENDS: 1, LOSS: 0 }, assertions],
    ['three jobs, last writes lost', { JOBS: 3, CUTS: 1, ENDS: 0, LOSS: 1 }, assertions],
    ['last writes lost', { ...adding, ENDS: 0, LOSS: 1 }, 'every_add_is_answered'],
    ['last writes lost', { ...adding, ENDS: 0, LOSS: 1 }, 'acknowledged_jobs_leave'],
  ]),

  ...designs('steer', true, [
    ['one at a time, given up', steering, assertions],
    ['two at a time', twoAtATime, assertions],
    ['one at a time, given up', steering, 'every_call_ends'],
    ['two at a time', twoAtATime, 'progress'],
  ]),

  ...designs('delivery', true, [
    ['late heartbeat, lost reply', lateHeartbeat, assertions],
    ['late heartbeat, lost reply', lateHeartbeat, 'every_job_ends'],
    ['a worker dies, lost reply', deadWorker, assertions],
    ['a worker dies, lost reply', deadWorker, 'every_job_ends'],
    ['late heartbeat, lost reply', lateHeartbeat, 'progress'],
  ]),
  ...designs('delivery', false, [
    ['late heartbeat, two cuts, retry', { ...lateHeartbeat, CUTS: 2, RETRIES: 1 }, assertions],
    ['two jobs, late heartbeat, lost reply', { ...lateHeartbeat, JOB_COUNT: 2 }, assertions],
    ['all faults, retry', { ...deadWorker, LAPSES: 1, RETRIES: 1 }, assertions],
    ['all faults', { ...deadWorker, LAPSES: 1 }, 'every_job_ends'],
    ['all faults', { ...deadWorker, LAPSES: 1 }, 'progress'],
    ['two jobs, all faults', { ...deadWorker, JOB_COUNT: 2, LAPSES: 1 }, assertions],
    ['two jobs, a worker dies', { ...deadWorker, JOB_COUNT: 2 }, 'every_job_ends'],
  ]),

  ...designs('restart', true, [
    ['lost reply', lostReply, assertions],
    ['lost reply', lostReply, 'every_kept_job_ends'],
    ['lost reply', lostReply, 'progress'],
  ]),
  ...designs('restart', false, [
    ['late heartbeat, lost reply', lateHeartbeat, assertions],
    ['two jobs, lost reply', { ...lostReply, JOB_COUNT: 2 }, assertions],
    ['two jobs, one lane', { ...lostReply, ...oneLane, JOB_COUNT: 2 }, 'every_kept_job_ends'],
    ['two workers, late heartbeat', { ...staleWorker, DEATHS: 0 }, assertions],
    ['two workers, late heartbeat', { ...staleWorker, DEATHS: 0 }, 'every_kept_job_ends'],
    ['two workers, one dies', { ...deadWorker, CUTS: 0 }, 'every_kept_job_ends'],
  ]),

  ...designs('wake', true, [
    ['token and keeper alone', { ...waiting, RETRIES: 0, LAST: 5 }, assertions],
    ['a worker dies, looks', { ...dying, RETRIES: 0, LAST: 10 }, assertions],
    ['a worker is paused', { ...waiting, JOB_COUNT: 1, PAUSES: 1 }, 'progress'],
  ]),
  ...designs('wake', false, [
    ['token and keeper alone', waiting, assertions],
    ['a worker is paused', { ...waiting, PAUSES: 1 }, assertions],
    ['three jobs', { ...waiting, JOB_COUNT: 3, RETRIES: 0, LAST: 5, LATER: 2 }, assertions],
    ['a worker dies, looks', dying, assertions],
    ['token and keeper alone', { ...waiting, RETRIES: 0, LAST: 5 }, 'progress'],
  ]),

  ...variants('broken', 'add', [
    ['NUMBER_IGNORED', 'one_place', adding],
    ['NUMBER_NOT_STORED', 'one_place', adding],
    ['ONLY_RESENT_COPIES_COMPARED', 'one_place', adding],
    ['ONE_MARK_FOR_A_SESSION', 'acknowledged_means_added', adding],
  ]),
  ...variants('broken', 'steer', [
    ['NUMBER_IGNORED', 'applied_once', twoAtATime],
    ['NUMBER_NOT_STORED', 'applied_once', twoAtATime],
    ['ANSWER_NOT_STORED', 'answer_is_true', twoAtATime],
    ['GIVEN_UP_LANE_NOT_NEXT', 'given_up_stays_out', { ...steering, CUTS: 0 }],
  ]),
  ...variants('broken', 'delivery', [
    ['FENCE_NOT_COMPARED', 'stale_settlement_refused', staleWorker],
    ['FENCE_IS_ATTEMPT', 'stale_settlement_refused', staleWorker],
    ['SETTLED_WITHOUT_REMOVAL', 'one_place', lostReply],
    ['NUMBER_IGNORED', 'answer_is_true', lostReply],
    ['NUMBER_NOT_STORED', 'answer_is_true', lostReply],
    ['NEVER_RECOVERED', 'every_job_ends', deadWorker],
    ['ANY_HEARTBEAT_HOLDS', 'every_job_ends', deadWorker],
    ['NEVER_COMPARED', 'every_job_ends', lostReply],
  ]),
  ...variants('broken', 'wake', [
    ['PROMOTED_EARLY', 'never_early', waiting],
    ['TOKEN_NOT_PASSED_ON', 'taken_at_once', waiting],
    ['TOKEN_KEPT_BY_FULL_WORKER', 'taken_at_once', waiting],
    ['NEXT_ONLY_WITH_JOBS', 'taken_at_once', waiting],
    ['EARLIER_ADD_WAKES_NOBODY', 'taken_at_once', waiting],
    ['KEEPER_FOR_EVER', 'taken_at_once', dying],
  ]),

  ...variants('broken', 'add', [['ADDED_AGAIN_BY_CALLER', 'one_place', { ...adding, CUTS: 0 }]]),
  ...variants('broken', 'delivery', [
    ['REPORTED_BY_ID', 'every_job_ends', lateHeartbeat],
    ['REFUSED_FOR_GOOD', 'every_job_ends', lostReply],
  ]),
  ...variants('broken', 'restart', [['COMPARED_AFTER_RESEND_ONLY', 'every_kept_job_ends', { ...lostReply, ...oneLane, CUTS: 0 }]]),
  ...variants('broken', 'wake', [
    ['FULL_KEEPER_TELLS_NOBODY', 'taken_at_once', waiting],
    ['FULL_WORKER_WAKES_NOBODY', 'taken_at_once', waiting],
    ['FULL_WORKER_LISTENS', 'progress', { ...waiting, JOB_COUNT: 1, PAUSES: 1 }],
  ]),

  ...variants('limit', 'restart', [['CLOCK_STEPS_BACK', 'fence_never_repeated', { ...staleWorker, DEATHS: 0 }]]),
]
