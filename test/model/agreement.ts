import { decodeRow, decodeState } from '@ripen/queue/internal'
import { expect } from 'vitest'
import { decodeSchedule } from '../../packages/queue/src/schedule/schedule-row.ts'
import type { Model, ModelJob } from './model.ts'
import type { ShardContents } from './shard-contents.ts'

const ends = ['completed', 'failed', 'cancelled'] as const
const states = ['scheduled', 'ready', 'active', 'blocked', ...ends] as const
const ownBand = 2 ** 52
/** Added to the deadline of a job that has started. */
const startedBand = 2 ** 44

/** Fails unless the server holds what the model says, job by job and number by number. */
export function expectAgreement(contents: ShardContents, model: Model): void {
  expect(pictureOf(contents)).toEqual(pictureOfModel(model))
}

interface Picture {
  /** Ids of each state, in order. */
  readonly order: Record<string, string[]>
  readonly jobs: Record<string, object>
  readonly workers: Record<string, number>
  readonly lanes: Record<string, number>
  readonly sessions: Record<string, number>
  /** Rows of unique keys, and when those end that are held for a time. */
  readonly unique: Record<string, string>
  readonly held: Record<string, number>
  readonly schedules: Record<string, object>
  readonly ticks: Record<string, number>
  readonly settings: object
}

function pictureOf(contents: ShardContents): Picture {
  const {
    jobs,
    leases,
    state,
    cancels,
    waiters,
    watchers,
    unique,
    expiry,
    deadlines,
    schedules,
    ticks,
    workers,
    sessions,
    meta,
    tokens,
    ending,
  } = contents
  const places = new Map(states.flatMap((name) => [...contents[name]].map(([id, score]) => [id, { name, score }] as const)))
  const number = (name: string): number => Number(meta.get(name) ?? 0)
  const expiring = (mark: string): Record<string, number> =>
    Object.fromEntries(
      [...expiry].filter(([member]) => member.startsWith(mark)).map(([member, until]) => [member.slice(mark.length), until]),
    )
  const job = (id: string): object => {
    const { addedAt, priority } = decodeRow(jobs.get(id) ?? '')
    const { error, ...told } = decodeState(state.get(id) ?? '')
    const { name, score = 0 } = places.get(id) ?? {}
    const [fence, worker, , suspectFrom] = (leases.get(id) ?? '').split(' ')
    return {
      state: name,
      // The place of a ready job shows in the order.
      score: name === 'ready' ? undefined : ends.some((end) => end === name) ? Math.floor((score % ownBand) / 1_000) : score,
      addedAt,
      priority,
      ...told,
      result: told.result,
      progress: told.progress,
      error: error?.name,
      lease: worker === undefined ? undefined : { worker, fence: Number(fence), suspectFrom: Number(suspectFrom) },
      cancelled: cancels.has(id),
      startBy: deadlines.has(id) ? (deadlines.get(id) as number) - (name === 'active' ? startedBand : 0) : undefined,
      kept: expiry.get(`j:${id}`) ?? expiry.get(`w:${id}`),
      waitedUntil: Number.parseInt(waiters.get(id) ?? '0', 10),
      watchedUntil: Number(watchers.get(id) ?? 0),
    }
  }
  return {
    order: Object.fromEntries(states.map((name) => [name, [...contents[name].keys()]])),
    jobs: Object.fromEntries([...jobs.keys()].map((id) => [id, job(id)])),
    workers: Object.fromEntries(workers),
    lanes: Object.fromEntries([...sessions].map(([lane, row]) => [lane, Number.parseInt(row, 10)])),
    sessions: expiring('s:'),
    unique: Object.fromEntries(unique),
    held: expiring('unique:'),
    schedules: Object.fromEntries([...schedules].map(([id, row]) => [id, headOf(row)])),
    ticks: Object.fromEntries(ticks),
    settings: {
      sequence: number('sequence'),
      fence: number('fence'),
      ended: number('ended'),
      paused: meta.has('paused'),
      tidied: number('tidied'),
      spared: number('spared'),
      keeper: meta.has('keeper') ? { worker: meta.get('keeper'), until: number('keeperUntil'), armed: number('armed') } : undefined,
      token: tokens === 1,
      resting: ending.includes('meta'),
    },
  }
}

/** What a schedule says beside what was asked for. */
function headOf(text: string): object {
  const { revision, paused, anchor, runs, overlapped, lastRun, jobs } = decodeSchedule(text)
  return { revision: Number(revision), paused, anchor, runs, overlapped, lastRun, jobs }
}

function pictureOfModel(model: Model): Picture {
  const { sequence, fence, ended, paused, tidied, spared, keeper, token, resting } = model
  const order = states.map((name) => [name, inSet(model, name).map(({ id }) => id)])
  return {
    order: Object.fromEntries(order),
    jobs: Object.fromEntries([...model.jobs].map(([id, job]) => [id, pictureOfJob(job)])),
    workers: Object.fromEntries(model.workers),
    lanes: Object.fromEntries(model.lanes),
    sessions: Object.fromEntries(model.sessions),
    unique: model.unique.rows(),
    held: Object.fromEntries(model.unique.ends()),
    schedules: Object.fromEntries([...model.schedules.all].map(([id, { spec: _spec, next: _next, ...head }]) => [id, head])),
    ticks: Object.fromEntries([...model.schedules.all].flatMap(([id, { next }]) => (next === undefined ? [] : [[id, next]]))),
    settings: { sequence, fence, ended, paused, tidied, spared, keeper, token, resting },
  }
}

/** Ended jobs with a retention of their own come after the others. */
function inSet(model: Model, state: (typeof states)[number]): ModelJob[] {
  const jobs = model.in(state)
  return [...jobs.filter(({ kept }) => kept === undefined), ...jobs.filter(({ kept }) => kept !== undefined)]
}

function pictureOfJob({ state, score, addedAt, priority, ...job }: ModelJob): object {
  const {
    attempts,
    stalls,
    due,
    fence,
    error,
    result,
    progress,
    lease,
    cancelled = false,
    startBy,
    kept,
    waitedUntil = 0,
    watchedUntil = 0,
  } = job
  return {
    state,
    score: state === 'ready' ? undefined : score,
    addedAt,
    priority,
    attempts,
    stalls,
    due,
    fence,
    error,
    result,
    progress,
    lease: lease && { worker: lease.worker, fence: lease.fence, suspectFrom: lease.suspectFrom },
    cancelled,
    startBy,
    kept: kept?.until,
    waitedUntil,
    watchedUntil,
  }
}
