import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { rightsOf } from '../access/rights.ts'
import { LockTimeoutError } from '../errors/errors.ts'
import { cut } from '../foreign/foreign-text.ts'
import { isOutage } from '../call/reply-error.ts'
import { parseOptions } from '../options/options.ts'
import { sendScript, throwIfOver } from '../script/script.ts'
import { lockAcquireScript, lockExtendScript, lockHeldScript, lockReleaseScript } from '../scripts.generated.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import { formatPath } from '../tree/path.ts'
import { encodeNode } from '../tree/tree-keys.ts'
import { HeldLease, type Lease } from './lease.ts'
import { lockKeys, wakeChannel } from './lock-keys.ts'
import { lockRules, type LockOptions } from './lock-options.ts'
import { LockWaits } from './lock-waits.ts'
import { sendRelease } from './send-release.ts'

/**
 * ms before the deadline from which a failed call counts as out of time: its own timer ends it a moment
 * sooner.
 */
const slack = 5

const waitsOf = new WeakMap<RipenStore, LockWaits>()

/**
 * Takes a lock on a node of the tree.
 *
 * @param segments of a parsed path; none for the root.
 * @throws ConfigurationError; LockTimeoutError; the signal's reason; ClosingError when the store closes.
 */
export async function acquireLock(store: Store, segments: readonly string[], options?: LockOptions): Promise<Lease> {
  const settings = parseOptions('LockOptions', options, lockRules)
  settings.signal?.throwIfAborted()
  return new Request(internals(store), segments, settings).acquire()
}

/** Whether somebody holds a lock on a node or on one above it. */
export async function isLocked(store: Store, segments: readonly string[]): Promise<boolean> {
  const { caller, options, clockOffset } = internals(store)
  const { ends, index } = lockKeys(options.prefix)
  const held = await caller.script(lockHeldScript, {
    keys: { ends, index },
    arguments: { offset: clockOffset, node: encodeNode(segments) },
  })
  return held === 1
}

const lockScripts = [lockAcquireScript, lockExtendScript, lockReleaseScript, lockHeldScript]

/** One acquire: asks until the lock is granted, its time is over or its signal aborts. */
class Request {
  readonly #store: RipenStore
  readonly #segments: readonly string[]
  readonly #settings: ReturnType<typeof parseOptions<typeof lockRules>>
  readonly #owner: string
  readonly #id = randomUUID()
  readonly #started: number
  /** A call has no answer, so it may still be applied. */
  #asking = false
  /** One was sent twice: the first copy may still come. */
  #resent = false

  constructor(store: RipenStore, segments: readonly string[], settings: ReturnType<typeof parseOptions<typeof lockRules>>) {
    this.#store = store
    this.#started = store.clock.now()
    this.#segments = segments
    this.#settings = settings
    this.#owner = settings.owner ?? `${cut(hostname(), 100)}:${process.pid}:${this.#id}`
  }

  async acquire(): Promise<Lease> {
    const { timeout, signal } = this.#settings
    const waits = waitsOf.get(this.#store) ?? new LockWaits(this.#store)
    waitsOf.set(this.#store, waits)
    // From the start: the message that the lock is free may overtake the answer that it is not.
    if (timeout > 0) waits.enter(this.#id)
    try {
      for (;;) {
        const answer = await this.#ask()
        if (answer instanceof HeldLease) return answer
        if (answer === 0) continue
        this.#throwIfLate()
        await waits.turn(this.#id, Math.min(answer, this.#left()), signal)
        signal?.throwIfAborted()
        this.#throwIfLate()
      }
    } catch (error) {
      // A waiter that only tried once, and got its answer, left nothing behind.
      if (timeout > 0 || this.#asking || this.#resent) this.#leave()
      const late = isOutage(error) && this.#left(this.#bound) < slack
      throw late ? new LockTimeoutError(formatPath(this.#segments), timeout, error) : error
    } finally {
      waits.leave(this.#id)
    }
  }

  /** ms that one call may take: a single try as long as any call. */
  get #bound(): number {
    return this.#settings.timeout === 0 ? this.#store.options.enqueueTimeout : this.#settings.timeout
  }

  #left(bound = this.#settings.timeout): number {
    return this.#started + bound - this.#store.clock.now()
  }

  #throwIfLate(): void {
    if (this.#left() <= 0) throw new LockTimeoutError(formatPath(this.#segments), this.#settings.timeout)
  }

  /** A lease, or in how many ms to ask again. */
  async #ask(): Promise<HeldLease | number> {
    const { timeout, expires, renew, signal } = this.#settings
    const { prefix } = this.#store.options
    let since = 0
    this.#asking = true
    const keys = lockKeys(prefix)
    const channel = wakeChannel(prefix, this.#store.selectedDatabase)
    const call = {
      keys,
      arguments: {
        offset: this.#store.clockOffset,
        id: this.#id,
        node: encodeNode(this.#segments),
        owner: this.#owner,
        expires,
        wait: timeout === 0 ? '' : '1',
        channel,
      },
    }
    const [fence, again] = await this.#store.caller.call(
      async (client, sentBefore, state) => {
        // All that a lease will need, at once: its first renewal must not wait for a second answer.
        const rights = rightsOf(client)
        if (rights?.covers(lockAcquireScript, call) === false) {
          await rights.require({ scripts: lockScripts, keys: { ...keys }, channels: [channel] })
          throwIfOver(state)
        }
        this.#resent ||= sentBefore
        since = this.#store.clock.now()
        return sendScript(client, lockAcquireScript, call, state)
      },
      { signal, budget: Math.max(1, this.#left(this.#bound)) },
    )
    this.#asking = false
    if (fence === '') return again
    // The answer was read too late, in a blocked process: the lease may be over already.
    if (this.#store.clock.now() >= since + expires) return 0
    return new HeldLease(this.#store, {
      id: this.#id,
      owner: this.#owner,
      path: formatPath(this.#segments),
      fence: Number(fence),
      expires,
      renew,
      since,
      resent: this.#resent,
    })
  }

  /**
   * Not awaited: without an answer the place expires after 5 s, and a lease granted meanwhile at its own
   * time.
   */
  #leave(): void {
    this.#store.caller
      .call((client, _again, state) => sendRelease(this.#store, client, this.#id, this.#asking || this.#resent, state))
      .catch((error: unknown) => this.#store.logger.debug({ err: error }, 'a place in the queue for a lock could not be given up'))
  }
}
