import { parseOptions } from '../options/options.ts'
import { showAs } from '../errors/shown-form.ts'
import { internals, type Store } from '../store.ts'
import { formatPath, parsePath, type Path } from '../tree/path.ts'
import { acquireLock, isLocked } from './acquire-lock.ts'
import type { Lease } from './lease.ts'
import { lockRules, type LockOptions } from './lock-options.ts'

/**
 * A lock on a node of the path tree. It excludes other owners from that node, from those above it and from
 * those below it; siblings are independent. Waiters are served in the order they came. One may overtake
 * another only if their paths do not conflict, or if the other waits for a lock that the owner of the first
 * one holds.
 *
 * ```ts
 * await using lease = await new TreeLock(store, 'users.ada').acquire()
 * ```
 */
export class TreeLock {
  static {
    showAs(this.prototype, 'TreeLock', (lock) => ({ path: formatPath(lock.#segments) }))
  }

  readonly #store: Store
  readonly #segments: readonly string[]
  readonly #options: LockOptions | undefined

  /**
   * Makes no I/O.
   *
   * @param path `[]` is the root, whose lock excludes every other owner.
   * @throws PathError, ConfigurationError.
   */
  constructor(store: Store, path: Path, options?: LockOptions) {
    internals(store)
    parseOptions('LockOptions', options, lockRules)
    this.#store = store
    this.#segments = parsePath(path)
    this.#options = options
  }

  /**
   * Waits for the lock and takes it. Each call has an owner of its own unless the options name one.
   *
   * @throws LockTimeoutError after `timeout`, with a ConnectionError as its cause if the server was away; the
   *   reason of the signal; ClosingError if the store closes.
   */
  acquire(): Promise<Lease> {
    return acquireLock(this.#store, this.#segments, this.#options)
  }

  /** Whether any owner holds a lock on this node or on one above it. */
  isLocked(): Promise<boolean> {
    return isLocked(this.#store, this.#segments)
  }
}
