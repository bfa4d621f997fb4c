import type { Duration } from '../options/duration.ts'
import { ClosingError, LeaseLostError } from '../errors/errors.ts'
import { isOutage } from '../call/reply-error.ts'
import { span } from '../options/options.ts'
import { sendScript } from '../script/script.ts'
import { lockExtendScript } from '../scripts.generated.ts'
import { showAs } from '../errors/shown-form.ts'
import type { RipenStore } from '../store.ts'
import { lockKeys } from './lock-keys.ts'
import { leastLease } from './lock-options.ts'
import { sendRelease } from './send-release.ts'

/** A lock that is held until it is released or expires. */
export interface Lease extends AsyncDisposable {
  /**
   * A number that grows with every lease. Pass it on to what the lock protects, which remembers the highest
   * one and refuses lower ones: a holder that stalled past its lease cannot know that it has lost it.
   */
  readonly fence: number
  readonly owner: string
  /**
   * Aborts with a LeaseLostError when the lease is lost or could not be renewed in time. `release` does not
   * abort it.
   */
  readonly signal: AbortSignal
  /**
   * Makes the lease last at least `ttl` from now: 100 ms or more, default its `expires`. Renewal goes on.
   *
   * @throws LeaseLostError if it was over; ConnectionError if the server did not answer within
   *   `enqueueTimeout`.
   */
  extend(ttl?: Duration): Promise<void>
  /**
   * Releases the lock. Idempotent.
   *
   * @returns false if the lock was already lost or released.
   * @throws ConnectionError if the server did not answer within `enqueueTimeout`. The lease is no longer
   *   renewed, and expires.
   */
  release(): Promise<boolean>
  /** Releases the lock. Never throws: failures, and a lease that had been lost, are logged. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface Grant {
  readonly id: string
  readonly owner: string
  /** Dotted, for messages. */
  readonly path: string
  readonly fence: number
  /** ms that the lease lasts, from {@link since}. */
  readonly expires: number
  readonly renew: boolean
  /** Before the server granted it, by the clock of the store. */
  readonly since: number
  /** A call for it was sent twice: the first copy may still come. */
  readonly resent: boolean
}

export class HeldLease implements Lease {
  static {
    showAs(this.prototype, 'Lease', (lease) => ({ path: lease.#grant.path, fence: lease.fence, owner: lease.owner }))
  }

  readonly fence: number
  readonly owner: string
  readonly #store: RipenStore
  readonly #grant: Grant
  readonly #controller = new AbortController()
  /**
   * Until when nobody else can have the lock: counted from before the call that last moved the end, by the
   * clock of the store.
   */
  #till: number
  #renewal: number
  #renewing = false
  #releasing = false
  #released = false
  #callOff: (() => void) | undefined

  constructor(store: RipenStore, grant: Grant) {
    this.#store = store
    this.#grant = grant
    this.fence = grant.fence
    this.owner = grant.owner
    this.#till = grant.since + grant.expires
    this.#renewal = grant.renew ? grant.since + grant.expires / 3 : Number.POSITIVE_INFINITY
    this.#arm()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  async extend(ttl: Duration = this.#grant.expires): Promise<void> {
    const milliseconds = span(leastLease)('ttl', ttl)
    if (!this.#released && !this.signal.aborted && (await this.#extend(milliseconds)) && !this.signal.aborted) return this.#arm()
    this.#lose()
    throw new LeaseLostError(undefined, this.#grant.path)
  }

  async release(): Promise<boolean> {
    if (this.#released) return false
    this.#releasing = true
    this.#renewal = Number.POSITIVE_INFINITY
    const { resent, id } = this.#grant
    let again = false
    const held = await this.#store.caller.call((client, sentBefore, state) => {
      again = sentBefore
      return sendRelease(this.#store, client, id, resent, state)
    })
    // Sent again, it finds nothing where the first copy has released the lease; nothing else ends a lease
    // before its time.
    const ours = !this.signal.aborted && (held === 1 || (again && !this.#released && this.#store.clock.now() < this.#till))
    this.#released = true
    this.#callOff?.()
    return ours
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#released) return
    const { path } = this.#grant
    try {
      if (!(await this.release())) this.#store.logger.warn({ path, fence: this.fence }, 'a lock had been lost before it was released')
    } catch (error) {
      this.#store.logger.warn({ err: error, path, fence: this.fence }, 'a lock could not be released: it will expire')
    }
  }

  /** One timer: for the next renewal, or for the end. It keeps no process alive. */
  #arm(): void {
    this.#callOff?.()
    if (this.#released || this.signal.aborted) return
    const next = Math.min(this.#till, this.#renewing ? Number.POSITIVE_INFINITY : this.#renewal)
    this.#callOff = this.#store.clock.after(next - this.#store.clock.now(), () => this.#tick(), 'unref')
  }

  #tick(): void {
    const now = this.#store.clock.now()
    if (now >= this.#till) {
      // After a blocked event loop the timer comes before an answer that has long arrived: let that be read
      // first.
      setImmediate(() => {
        if (this.#store.clock.now() >= this.#till) this.#lose()
        else this.#arm()
      })
      return
    }
    if (now >= this.#renewal && !this.#renewing) void this.#renew(now)
    this.#arm()
  }

  /** In an outage the call waits for the server, at most until the lease is over. */
  async #renew(now: number): Promise<void> {
    this.#renewing = true
    this.#renewal = now + this.#grant.expires / 3
    try {
      if (!(await this.#extend(this.#grant.expires, this.#till - now)) && !this.#releasing) this.#lose()
    } catch (error) {
      // Without an answer the lease ends at its time, here and there.
      if (error instanceof ClosingError) this.#renewal = Number.POSITIVE_INFINITY
      else if (!isOutage(error)) this.#store.logger.warn({ err: error, path: this.#grant.path }, 'a lock could not be renewed')
    } finally {
      this.#renewing = false
      this.#arm()
    }
  }

  /** False, and the lease is lost, when the server says so. */
  async #extend(ttl: number, budget?: number): Promise<boolean> {
    const { prefix } = this.#store.options
    const { entries, ends } = lockKeys(prefix)
    let since = 0
    const extended = await this.#store.caller.call(
      (client, _again, state) => {
        since = this.#store.clock.now()
        const given = { offset: this.#store.clockOffset, id: this.#grant.id, ttl }
        return sendScript(client, lockExtendScript, { keys: { entries, ends }, arguments: given }, state)
      },
      budget === undefined ? {} : { budget },
    )
    if (extended === 1) this.#till = Math.max(this.#till, since + ttl)
    return extended === 1
  }

  #lose(): void {
    this.#callOff?.()
    if (!this.#released) this.#controller.abort(new LeaseLostError(undefined, this.#grant.path))
  }
}
