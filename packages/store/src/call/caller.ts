import type { Cluster, Redis } from 'ioredis'
import { rightsOf, type Needs } from '../access/rights.ts'
import type { CallConnection } from '../connection/call-connection.ts'
import type { Clock } from '../clock/clock.ts'
import { ClosingError, ConnectionError, type RipenError } from '../errors/errors.ts'
import { classifyFailure, isBlindRefusal } from './reply-error.ts'
import { sendScript, throwIfOver, type Script, type ScriptCall } from '../script/script.ts'

export type Client = Redis | Cluster

/** How long a call may wait for the server, and who may end it before. */
export interface CallBounds {
  /**
   * ms for all tries together; default is the store's `enqueueTimeout`. `Infinity`: until the signal aborts
   * or the store closes.
   */
  readonly budget?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Between two tries after a definite refusal (LOADING, MOVED …), in ms. A lost connection is waited for by
 * its events.
 */
const refusalPause = 20
/**
 * Between two tries while a refusal for good leaves open what became of an earlier try it doubles, up to
 * this, in ms.
 */
const longestPause = 1_000
/** A call without a deadline fails when it was refused so for as long, in ms. */
const unsurePatience = 5_000

/**
 * Passed to the sender by {@link Caller.call}: true once the caller was told that the call failed, so that it
 * must not be sent.
 */
export interface CallState {
  readonly over: boolean
}

/** What makes a {@link Caller} a view. */
interface View {
  readonly of: Caller
  readonly face: (client: Client) => Client
}

export type Send<T> = (client: Client, again: boolean, state: CallState) => Promise<T>

/**
 * The one call layer. ioredis is told to re-send nothing and to hold nothing back; this class holds calls in
 * an outage, sends each again as soon as the server answers, and ends each by its own deadline.
 *
 * `send` gets `again`: true when an earlier try may have been applied (its connection was cut before the
 * answer). A call that must not be applied twice carries a number that the server compares. A definite
 * refusal was not applied and does not set `again`. It also gets a `state`, to look at should it wait for
 * something before it sends.
 */
export class Caller {
  readonly #connection: CallConnection
  readonly #budget: number
  readonly #view: View | undefined
  readonly #ends = new Set<(error: RipenError) => void>()
  #closed = false

  constructor(connection: CallConnection, budget: number, view?: View) {
    this.#connection = connection
    this.#budget = budget
    this.#view = view
  }

  /**
   * A caller over the same connection, which can be closed by itself and ends with this one.
   *
   * @param face what it sends on instead of the client.
   */
  view(face: (client: Client) => Client): Caller {
    return new Caller(this.#connection, this.#budget, { of: this, face: (client) => face(this.#faceOf(client)) })
  }

  #faceOf(client: Client): Client {
    return this.#view === undefined ? client : this.#view.face(client)
  }

  get clock(): Clock {
    return this.#connection.clock
  }

  /**
   * How many connections were made or lost so far: when it has grown, the server may be another one, or may
   * have lost its last writes.
   */
  get connections(): number {
    return this.#connection.count
  }

  /** The last failure, until a call succeeds again. */
  get trouble(): RipenError | undefined {
    return this.#connection.trouble
  }

  /** The connection, not necessarily ready; the first use opens it. */
  client(): Promise<Client> {
    return this.#connection.client()
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
   * Asks whether the user may run these scripts, and learns it for their calls; an embedded server has no
   * users and is not asked.
   *
   * @throws AccessError that names what is missing; as {@link call}.
   */
  require(needs: Needs, bounds?: CallBounds): Promise<void> {
    return this.call(async (client) => rightsOf(client)?.require(needs), bounds)
  }

  /**
   * Sends until the server has answered.
   *
   * @throws ConnectionError when no answer came within the budget; the signal's reason; ClosingError when the
   *   store closes; the error of a refusal.
   */
  async call<T>(send: Send<T>, bounds: CallBounds = {}): Promise<T> {
    bounds.signal?.throwIfAborted()
    this.#refuseClosed()
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
    const connection = this.#connection
    let again = false
    let unsureSince = 0
    let rest = refusalPause
    for (;;) {
      try {
        const client = connection.ready ?? (await connection.whenReady())
        throwIfOver(state)
        const answer = await send(this.#faceOf(client), again, state)
        if (connection.trouble !== undefined) connection.trouble = undefined
        return answer
      } catch (error) {
        const failure = classifyFailure(error)
        const unsure = again && isBlindRefusal(failure.error)
        if ((failure.kind === 'final' && !unsure) || state.over) throw failure.error
        connection.trouble = failure.error
        again ||= failure.kind === 'unanswered'
        if (unsure) {
          unsureSince ||= connection.clock.now()
          if (connection.clock.now() - unsureSince > patience) throw failure.error
          rest = Math.min(2 * rest, longestPause)
        } else {
          unsureSince = 0
          rest = refusalPause
        }
        await connection.clock.pause(rest, 'unref')
      }
    }
  }

  #refuseClosed(): void {
    if (this.#view !== undefined) this.#view.of.#refuseClosed()
    if (this.#closed) throw this.#closing()
  }

  #closing(): ClosingError {
    return new ClosingError(this.#view === undefined ? 'the store' : 'the monitored store')
  }

  /** Ends waiting calls. A view ends with its original. */
  #enter(end: (error: RipenError) => void): void {
    this.#ends.add(end)
    if (this.#view !== undefined) this.#view.of.#enter(end)
  }

  #leave(end: (error: RipenError) => void): void {
    this.#ends.delete(end)
    if (this.#view !== undefined) this.#view.of.#leave(end)
  }

  /** A promise that rejects at the deadline, on abort or on close. */
  #bound({ budget = this.#budget, signal }: CallBounds): { ended: Promise<never>; dispose(): void } {
    let end!: (error: unknown) => void
    const ended = new Promise<never>((_resolve, reject) => (end = reject))
    const expire = (): void => {
      const { trouble } = this.#connection
      end(new ConnectionError(`no answer within ${Math.round(budget)} ms${trouble === undefined ? '' : `: ${trouble.message}`}`, trouble))
    }
    // After a blocked event loop the timer comes before the answer that has long arrived: let that be read
    // first.
    const callOff = this.clock.after(budget, () => setImmediate(expire))
    const abort = (): void => end(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    this.#enter(end)
    return {
      ended,
      dispose: () => {
        callOff()
        signal?.removeEventListener('abort', abort)
        this.#leave(end)
      },
    }
  }

  /**
   * Ends every call that waits with a ClosingError, and drops the connection; a view leaves the connection
   * open.
   */
  close(): void {
    this.#closed = true
    for (const end of this.#ends) end(this.#closing())
    if (this.#view === undefined) this.#connection.close()
  }
}
