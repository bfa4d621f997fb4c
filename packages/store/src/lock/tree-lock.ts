import { parseOptions } from '../options/options.ts'
import { showAs } from '../errors/shown-form.ts'
import { internals, type Store } from '../store.ts'
import { formatPath, parsePath, type Path } from '../tree/path.ts'
import { acquireLock, isLocked } from './acquire-lock.ts'
import type { Lease } from './lease.ts'
import { lockRules, type LockOptions } from './lock-options.ts'

/**
 * A lock on a node of the path tree. It excludes other owners from that node, from those above it and from those below it; siblings are independent. Who waits is served first come,
 * first served: a later one passes only where the paths do not conflict, or where the earlier one waits for what the later one's owner holds.
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
   * No I/O.
   *
   * @param path `[]` is the root, whose lock excludes everybody else.
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
   * Waits for the lock and takes it, each time for an owner of its own unless the options name one.
   *
   * @throws LockTimeoutError after `timeout`, with a ConnectionError as its cause when the server was away; the reason of the signal; ClosingError when the store closes.
   */
  acquire(): Promise<Lease> {
    return acquireLock(this.#store, this.#segments, this.#options)
  }

  /** Whether somebody holds a lock on this node or on one above it. */
  isLocked(): Promise<boolean> {
    return isLocked(this.#store, this.#segments)
  }
}
