import { CancelledError, ClosingError, JobFailedError, JobGoneError, TimedOutError } from '@ripen/store'
import { after, optional, parseOptions, signal as signalRule, span } from '@ripen/store/internal'
import type { WaitOptions } from './job/job.ts'
import { decodeState } from './job/row.ts'
import { waitScript } from './scripts.generated.ts'
import type { Shard } from './shard.ts'

/** Messages can be lost with a connection: who waits looks by himself this often, in ms, which also renews what the server knows of him. */
const look = 5_000
/** How long retention spares a result for somebody who was waiting when last heard of, in ms. */
const spared = 60_000

const waitRules = { timeout: optional(span(), undefined), signal: optional(signalRule, undefined) }

interface Wait {
  readonly id: string
  resolve(result: unknown): void
  reject(error: unknown): void
  timer?: NodeJS.Timeout
  asking?: boolean
}

/** The waits for results of a queue's jobs. All share the store's subscribing connection and one channel. */
export class Waits {
  readonly #shard: Shard
  readonly #waits = new Map<string, Set<Wait>>()
  #listening: Promise<() => void> | undefined
  #closed = false

  constructor(shard: Shard) {
    this.#shard = shard
  }

  async wait(id: string, options?: WaitOptions): Promise<unknown> {
    const { timeout, signal } = parseOptions('wait options', options, waitRules)
    signal?.throwIfAborted()
    if (this.#closed) throw new ClosingError('the queue')
    let end!: Wait
    const ended = new Promise<unknown>((resolve, reject) => (end = { id, resolve, reject }))
    ended.catch(() => undefined) // heard below, but perhaps only after it has rejected
    const abort = (): void => end.reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    const callOff =
      timeout === undefined ? undefined : after(timeout, () => end.reject(new TimedOutError(`job ${id} did not end within ${timeout} ms`)))
    try {
      this.#enter(end)
      this.#listening ??= this.#listen()
      await Promise.race([this.#listening, ended])
      this.#ask(end)
      return await ended
    } finally {
      callOff?.()
      signal?.removeEventListener('abort', abort)
      this.#leave(end)
    }
  }

  close(): void {
    this.#closed = true
    for (const waits of this.#waits.values()) for (const wait of waits) wait.reject(new ClosingError('the queue'))
    void this.#listening?.then(
      (stop) => stop(),
      () => undefined,
    )
  }

  #listen(): Promise<() => void> {
    return this.#shard.store.subscriber
      .listen(this.#shard.channels.finished, (message) => {
        if (message === undefined) for (const waits of this.#waits.values()) for (const wait of waits) this.#ask(wait)
        else this.#hear(message)
      })
      .catch((error: unknown) => {
        this.#listening = undefined
        throw error
      })
  }

  #enter(wait: Wait): void {
    let waits = this.#waits.get(wait.id)
    if (waits === undefined) this.#waits.set(wait.id, (waits = new Set()))
    waits.add(wait)
  }

  #leave(wait: Wait): void {
    clearTimeout(wait.timer)
    const waits = this.#waits.get(wait.id)
    waits?.delete(wait)
    if (waits?.size === 0) this.#waits.delete(wait.id)
  }

  /** Asks the server for the job's end, and to be told of it; again every few seconds while the wait goes on. One question at a time. */
  #ask(wait: Wait): void {
    clearTimeout(wait.timer)
    if (wait.asking === true) return
    wait.asking = true
    const later = (milliseconds: number): void => {
      if (this.#waits.get(wait.id)?.has(wait) === true) wait.timer = setTimeout(() => this.#ask(wait), milliseconds)
    }
    this.#shard
      .script(waitScript, { id: wait.id, duration: spared })
      .finally(() => (wait.asking = false))
      .then(
        ([state, row]) => {
          if (state === 'waiting') later(look)
          else finish(wait, state, row)
        },
        // An outage: the wait has its own bounds, so it goes on.
        (error: unknown) => {
          if (this.#closed || error instanceof ClosingError) wait.reject(error)
          else later(100)
        },
      )
  }

  #hear(message: string): void {
    const split = message.indexOf('\n')
    const waits = this.#waits.get(message.slice(1, split))
    if (waits === undefined) return
    const states: Record<string, string> = { c: 'completed', f: 'failed', x: 'cancelled', g: 'gone' }
    for (const wait of waits) finish(wait, states[message.charAt(0)] ?? 'gone', message.slice(split + 1))
  }
}

function finish(wait: Wait, state: string, row: string): void {
  if (state === 'gone') return wait.reject(new JobGoneError(wait.id))
  const { result, error } = decodeState(row)
  if (state === 'completed') wait.resolve(result)
  else if (state === 'cancelled') wait.reject(new CancelledError(wait.id, error?.reason ?? ''))
  else wait.reject(new JobFailedError(wait.id, revive(error)))
}

/** The stored error as an Error again, so that a stack trace shows where it came from. */
function revive(stored: { name: string; message: string; code?: string; stack?: string } | undefined): Error {
  const error = new Error(stored?.message ?? 'unknown error')
  return Object.assign(error, stored)
}
