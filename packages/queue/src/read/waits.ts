import { CancelledError, ClosingError, ConnectionError, InvalidJobError, JobFailedError, JobGoneError, TimedOutError } from '@ripen/store'
import { optional, parseOptions, signal as signalRule, span, type Clock } from '@ripen/store/internal'
import { askEvery, type JobMessage, type JobNews } from './job-news.ts'
import type { WaitOptions } from '../job/job.ts'
import type { Shard } from '../shard/shard.ts'
import { decodeState, type JobError } from '../job/row.ts'

const waitRules = { timeout: optional(span(), undefined), signal: optional(signalRule, undefined) }

interface Wait {
  readonly id: string
  over: boolean
  resolve(result: unknown): void
  reject(error: unknown): void
  /** Calls off the next question. */
  callOff?: () => void
  asking?: boolean
}

/** The waits of this process, by the connections of their store and the channel. */
const allWaits = new WeakMap<object, Map<string, Set<Wait>>>()

/**
 * Ids of the jobs of this queue whose end is waited for in this process, through whatever Queue of its store.
 */
export function awaitedJobs({ store, channels }: Shard): string[] {
  return [...(allWaits.get(store.connections)?.get(channels.news) ?? [])].map(({ id }) => id)
}

function waitsLike({ store, channels }: Shard): Set<Wait> {
  let ofStore = allWaits.get(store.connections)
  if (ofStore === undefined) allWaits.set(store.connections, (ofStore = new Map()))
  let waits = ofStore.get(channels.news)
  if (waits === undefined) ofStore.set(channels.news, (waits = new Set()))
  return waits
}

/** The waits for results of a queue's jobs. */
export class Waits {
  readonly #news: JobNews
  readonly #waits = new Set<Wait>()
  readonly #all: Set<Wait>
  readonly #clock: Clock
  #closed = false

  constructor(news: JobNews, shard: Shard) {
    this.#news = news
    this.#all = waitsLike(shard)
    this.#clock = shard.store.clock
  }

  async wait(id: string, options?: WaitOptions): Promise<unknown> {
    const { timeout, signal } = parseOptions('wait options', options, waitRules)
    signal?.throwIfAborted()
    if (this.#closed) throw new ClosingError('the queue')
    let wait!: Wait
    const ended = new Promise<unknown>((resolve, reject) => (wait = { id, over: false, resolve, reject }))
    ended.catch(() => undefined) // heard below, but perhaps only after it has rejected
    const abort = (): void => wait.reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const callOff =
      timeout === undefined
        ? undefined
        : this.#clock.after(timeout, () => wait.reject(new TimedOutError(`job ${id} did not end within ${timeout} ms`)))
    this.#waits.add(wait)
    this.#all.add(wait)
    const leave = this.#news.listen(id, (message) => {
      if (message === undefined) this.#ask(wait)
      else if (message.kind !== 'moved') finish(wait, message)
    })
    try {
      await Promise.race([this.#news.holds(), ended])
      this.#ask(wait)
      return await ended
    } finally {
      wait.over = true
      this.#waits.delete(wait)
      this.#all.delete(wait)
      leave()
      wait.callOff?.()
      callOff?.()
      signal?.removeEventListener('abort', abort)
    }
  }

  close(): void {
    this.#closed = true
    for (const wait of this.#waits) wait.reject(new ClosingError('the queue'))
  }

  /**
   * Asks the server for the job's end, and to be told of it; again every few seconds while the wait goes on.
   * One question at a time.
   */
  #ask(wait: Wait): void {
    wait.callOff?.()
    if (wait.asking === true) return
    wait.asking = true
    const later = (milliseconds: number): void => {
      if (!wait.over) wait.callOff = this.#clock.after(milliseconds, () => this.#ask(wait))
    }
    this.#news
      .ask(wait.id, false)
      .finally(() => (wait.asking = false))
      .then(
        (message) => {
          if (message === undefined) later(askEvery)
          else finish(wait, message)
        },
        // An outage: the wait has its own bounds, so it goes on.
        (error: unknown) => {
          if (this.#closed || !(error instanceof ConnectionError)) wait.reject(error)
          else later(100)
        },
      )
  }
}

function finish(wait: Wait, message: JobMessage): void {
  try {
    settle(wait, message)
  } catch (cause) {
    wait.reject(new InvalidJobError(`job ${wait.id}`, [{ message: 'has ended with a row that cannot be read' }], cause))
  }
}

function settle(wait: Wait, { kind, row }: JobMessage): void {
  if (kind === 'gone') return wait.reject(new JobGoneError(wait.id))
  const { result, error } = decodeState(row)
  if (kind === 'completed') wait.resolve(result)
  else if (kind === 'cancelled') wait.reject(new CancelledError(wait.id, error?.reason ?? ''))
  else wait.reject(new JobFailedError(wait.id, revive(error)))
}

/**
 * The stored error as an Error again, with its causes and parts, so that a stack trace shows where it came
 * from.
 */
function revive(stored: JobError | undefined): Error {
  const { cause, errors, ...members } = stored ?? { name: 'Error', message: 'unknown error' }
  const error = new Error(members.message, cause === undefined ? undefined : { cause: revive(cause) })
  return Object.assign(error, members, errors === undefined ? {} : { errors: errors.map(revive) })
}
