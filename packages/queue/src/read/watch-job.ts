import { WrongTypeError, type ChannelState } from '@ripen/store'
import { Bell, optional, parseOptions, signal as signalRule, stoppable, watchChannel } from '@ripen/store/internal'
import { askEvery, type JobNews } from './job-news.ts'
import type { JobReader } from './job-reader.ts'
import type { StoredJob } from '../job/job.ts'
import { deepestProgress, isDeeper } from '../job/row.ts'
import type { Shard } from '../shard/shard.ts'

/** What a watch needs of its queue. */
export interface WatchSource {
  readonly shard: Shard
  readonly news: JobNews
  readonly reader: JobReader
  /** Aborts with the queue's ClosingError. */
  readonly closed: AbortSignal
}

/** A job as it is, and after each change, up to its end; see `JobOf.watch`. */
export function watchJob(source: WatchSource, id: string, options: unknown): AsyncIterableIterator<StoredJob> {
  const { signal } = parseOptions('watch options', options, { signal: optional(signalRule, undefined) })
  return stoppable(signal, (stop) => follow(source, id, stop))
}

async function* follow(source: WatchSource, id: string, signal: AbortSignal): AsyncGenerator<StoredJob, undefined, undefined> {
  const { shard, news, reader, closed } = source
  closed.throwIfAborted()
  const either = AbortSignal.any([signal, closed])
  const bounds = { budget: Infinity, signal: either }
  const bell = new Bell(shard.store.clock)
  const ring = (): void => bell.ring()
  let askedAt = Number.NEGATIVE_INFINITY
  let stale = false
  let latest: ChannelState<unknown> | undefined
  let failure: { readonly error: unknown } | undefined
  const leave = news.listen(id, (message) => {
    // What the server knew of this watch may be lost with the connection.
    if (message === undefined) askedAt = Number.NEGATIVE_INFINITY
    stale = true
    ring()
  })
  const changes = watchChannel<unknown>(shard.progressOf(id), either)
  const followProgress = async (): Promise<void> => {
    for await (const state of changes) {
      latest = state
      ring()
    }
  }
  followProgress().catch((error: unknown) => {
    // Progress that another client wrote: the job is watched without.
    if (error instanceof WrongTypeError) return
    failure = { error }
    ring()
  })
  let end!: () => void
  const ended = new Promise<void>((resolve) => {
    end = () => {
      ring()
      resolve()
    }
  })
  if (either.aborted) end()
  either.addEventListener('abort', end)
  try {
    await Promise.race([news.holds(), ended])
    let job: StoredJob | undefined
    let seen = ''
    while (!either.aborted) {
      if (failure !== undefined) throw failure.error
      const now = shard.store.clock.now()
      if (now - askedAt >= askEvery) {
        askedAt = now
        // Before the read: from here on each change is told.
        await news.ask(id, true, bounds)
        stale = true
      }
      if (job === undefined || stale) {
        stale = false
        job = (await reader.read([id], bounds))[0] ?? undefined
        if (job === undefined) return
        latest = undefined // it is older than the job
      } else if (latest !== undefined && isOfAttempt(latest, job)) {
        if (!isDeeper(latest.value, deepestProgress)) job = job.with({ progress: latest.value })
      }
      const { state, attempt, stalls, startedAt, dueAt, progress } = job
      const look = JSON.stringify([state, attempt, stalls, startedAt, dueAt, progress])
      if (look !== seen) {
        seen = look
        yield job
      }
      if (job.finishedAt !== undefined) return
      await bell.heard(askEvery)
    }
    closed.throwIfAborted()
  } catch (error) {
    if (closed.aborted) throw closed.reason
    if (!signal.aborted) throw error
  } finally {
    either.removeEventListener('abort', end)
    leave()
    void changes.return?.()
  }
}

/** The epoch of a progress is the fence of its attempt, in microseconds. */
function isOfAttempt({ epoch }: ChannelState<unknown>, { state, startedAt }: StoredJob): boolean {
  return state === 'active' && Math.floor(epoch / 1_000) === startedAt
}
