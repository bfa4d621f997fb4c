import type { Cluster, Redis } from 'ioredis'
import { setTimeout as pause } from 'node:timers/promises'
import { rightsOf, type Needs } from './access/rights.ts'
import { after } from './after.ts'
import { ClosingError, ConnectionError, type RipenError } from './errors.ts'
import { classifyFailure, isBlindRefusal } from './reply-error.ts'
import { sendScript, throwIfOver, type Script, type ScriptCall } from './script.ts'

export type Client = Redis | Cluster

/** How long a call may wait for the server, and who may end it before. */
export interface CallBounds {
  /** ms for all tries together; default is the store's `enqueueTimeout`. `Infinity`: until the signal aborts or the store closes. */
  readonly budget?: number
  readonly signal?: AbortSignal | undefined
}

/** Between two tries after a definite refusal (LOADING, MOVED …), in ms. A lost connection is waited for by its events. */
const refusalPause = 20
/** Between two tries while a refusal for good leaves open what became of an earlier try it doubles, up to this, in ms. */
const longestPause = 1_000
/** A call without a deadline fails when it was refused so for as long, in ms. */
const unsurePatience = 5_000

/** What {@link Caller.call} gives along: whether the caller has been told that the call failed, so that it must not be sent any more. */
export interface CallState {
  readonly over: boolean
}

export type Send<T> = (client: Client, again: boolean, state: CallState) => Promise<T>

/**
 * The one call layer. ioredis is told to re-send nothing and to hold nothing back; this class holds calls in an outage, sends each again as soon as the server answers,
 * and ends each by its own deadline.
 *
 * `send` gets `again`: true when an earlier try may have been applied (its connection was cut before the answer). A call that must not be applied twice carries a number that
 * the server compares. A definite refusal was not applied and does not set `again`. It also gets a `state`, to look at should it wait for something before it sends.
 */
export class Caller {
  readonly #open: () => Promise<Client>
  readonly #budget: number
  readonly #ends = new Set<(error: RipenError) => void>()
  #client: Client | undefined
  #opening: Promise<Client> | undefined
  #readying: Promise<Client> | undefined
  /** What went wrong last: the cause that a timeout names. */
  #last: RipenError | undefined
  #closed = false
  #connections = 0

  constructor(open: () => Promise<Client>, budget: number) {
    this.#open = open
    this.#budget = budget
  }

  /** How many connections were made or lost so far: when it has grown, the server may be another one, or may have lost its last writes. */
  get connections(): number {
    return this.#connections
  }

  /** What went wrong last, as long as it has not come right. */
  get trouble(): RipenError | undefined {
    return this.#last
  }

  /** Runs a script through {@link call}. */
  script<Key extends string, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    call: ScriptCall<Key, Argument>,
    bounds?: CallBounds,
  ): Promise<Reply> {
    return this.call((client, _again, state) => sendScript(client, script, call, state), bounds)
  }

  /**
   * Asks whether the user may run these scripts, and learns it for their calls; an embedded server has no users and is not asked.
   *
   * @throws AccessError that names what is missing; as {@link call}.
   */
  require(needs: Needs, bounds?: CallBounds): Promise<void> {
    return this.call(async (client) => rightsOf(client)?.require(needs), bounds)
  }

  /**
   * Sends until the server has answered.
   *
   * @throws ConnectionError when no answer came within the budget; the signal's reason; ClosingError when the store closes; the error of a refusal.
   */
  async call<T>(send: Send<T>, bounds: CallBounds = {}): Promise<T> {
    bounds.signal?.throwIfAborted()
    if (this.#closed) throw new ClosingError('the store')
    const state = { over: false }
    const patience = (bounds.budget ?? this.#budget) === Infinity ? unsurePatience : Infinity
    const bound = this.#bound(bounds)
    try {
      return await Promise.race([bound.ended, this.#persist(send, state, patience)])
    } finally {
      state.over = true
      bound.dispose()
    }
  }

  /** @param patience ms for which a refusal for good may leave open what became of an earlier try. */
  async #persist<T>(send: Send<T>, state: CallState, patience: number): Promise<T> {
    let again = false
    let unsureSince = 0
    let rest = refusalPause
    for (;;) {
      try {
        const client = this.#client?.status === 'ready' ? this.#client : await this.#readyClient()
        throwIfOver(state)
        const answer = await send(client, again, state)
        if (this.#last !== undefined) this.#last = undefined
        return answer
      } catch (error) {
        const failure = classifyFailure(error)
        const unsure = again && isBlindRefusal(failure.error)
        if ((failure.kind === 'final' && !unsure) || state.over) throw failure.error
        this.#last = failure.error
        again ||= failure.kind === 'unanswered'
        if (unsure) {
          unsureSince ||= performance.now()
          if (performance.now() - unsureSince > patience) throw failure.error
          rest = Math.min(2 * rest, longestPause)
        } else {
          unsureSince = 0
          rest = refusalPause
        }
        await pause(rest, undefined, { ref: false })
      }
    }
  }

  /** One wait for all calls. */
  #readyClient(): Promise<Client> {
    this.#readying ??= this.client()
      .then(async (client) => {
        await untilReady(client, (error) => (this.#last = error))
        return client
      })
      .finally(() => (this.#readying = undefined))
    return this.#readying
  }

  /** The connection, not necessarily ready; the first use opens it. */
  async client(): Promise<Client> {
    if (this.#client !== undefined) return this.#client
    this.#opening ??= this.#open().then(
      (client) => {
        if (this.#closed) client.disconnect()
        client.on('ready', () => (this.#last = undefined))
        // Those of a cluster come and go one by one.
        for (const event of ['ready', '+node', '-node']) client.on(event, () => this.#connections++)
        return (this.#client = client)
      },
      (error: unknown) => {
        this.#opening = undefined
        throw error
      },
    )
    return this.#opening
  }

  /** A promise that rejects at the deadline, on abort or on close. */
  #bound({ budget = this.#budget, signal }: CallBounds): { ended: Promise<never>; dispose(): void } {
    let end!: (error: unknown) => void
    const ended = new Promise<never>((_resolve, reject) => (end = reject))
    const expire = (): void =>
      end(
        new ConnectionError(
          `no answer within ${Math.round(budget)} ms${this.#last === undefined ? '' : `: ${this.#last.message}`}`,
          this.#last,
        ),
      )
    // After a blocked event loop the timer comes before the answer that has long arrived: let that be read first.
    const callOff = after(budget, () => setImmediate(expire))
    const abort = (): void => end(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    this.#ends.add(end)
    return {
      ended,
      dispose: () => {
        callOff()
        signal?.removeEventListener('abort', abort)
        this.#ends.delete(end)
      },
    }
  }

  /** Ends every call that waits with a ClosingError and drops the connection. */
  close(): void {
    this.#closed = true
    for (const end of this.#ends) end(new ClosingError('the store'))
    this.#client?.disconnect()
  }
}

/**
 * Resolves when the connection is ready, however often it has to be made anew; rejects when the server refuses access, which waiting does not mend.
 *
 * @param onError hears of failed attempts.
 */
export function untilReady(client: Client, onError: (error: RipenError) => void): Promise<void> {
  if (client.status === 'ready') return Promise.resolve()
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      client.off('ready', ready).off('error', failed).off('end', ended)
      finish()
    }
    const ready = (): void => settle(resolve)
    const failed = (error: unknown): void => {
      const failure = classifyFailure(error)
      if (failure.kind === 'final') settle(() => reject(failure.error))
      else onError(failure.error)
    }
    const ended = (): void => settle(() => reject(new ClosingError('the connection')))
    client.on('ready', ready).on('error', failed).on('end', ended)
    // A refused first connection also arrives as an 'error' event, and ioredis goes on trying.
    if (client.status === 'wait') client.connect().catch(failed)
  })
}
