import type { Duration } from '../options/duration.ts'
import { ConfigurationError, WrongTypeError } from '../errors/errors.ts'
import { acquireLock, isLocked, type Lease, type LockOptions } from '../lock/index.ts'
import { messages } from '../connection/messages.ts'
import { optional, parseOptions, signal as signalRule, span } from '../options/options.ts'
import { stoppable } from '../connection/stoppable.ts'
import { formatPath, parsePath, type Path } from './path.ts'
import type { Section } from './section.ts'
import type { Sections } from './sections.ts'
import { changesChannel, decodeNode } from './tree-keys.ts'
import { flatten, unflatten, type Leaf } from './tree-value.ts'

/**
 * How many changes wait for a reader that is slow; beyond that the node itself is told, as for changes that
 * were missed.
 */
const mostWaiting = 1_000

const setRules = { expire: optional(span(1), undefined) }
const watchRules = { signal: optional(signalRule, undefined) }

/**
 * A place in a tree, whether or not anything is there. Nodes of the same path are interchangeable. A node has
 * either a JSON value (a leaf) or nodes below it (a branch).
 *
 * Each call is one atomic script, and its cost depends only on what is at and below the node. Calls on the
 * root go section by section. During an outage, calls wait and are sent again; after `enqueueTimeout` they
 * reject with a ConnectionError.
 */
export class TreeNode implements AsyncIterable<string> {
  /** Dotted; `''` for the root. */
  readonly path: string
  readonly #tree: Sections
  readonly #segments: readonly string[]

  /** Made by its tree. */
  constructor(tree: Sections, segments: readonly string[]) {
    this.#tree = tree
    this.#segments = segments
    this.path = formatPath(segments)
  }

  /**
   * A node below this one. No I/O.
   *
   * @throws PathError.
   */
  get(path: Path): TreeNode {
    return new TreeNode(this.#tree, this.#below(path))
  }

  /**
   * Puts a value at a path below this node. It replaces everything that is there, and deletes values of nodes
   * above it. Resolves to this node.
   *
   * @param value anything that JSON can hold. An object is a branch: its keys become nodes. Arrays are
   *   leaves. At most 100,000 leaves, and 8 MB of JSON and paths in all.
   * @param options `expire`: how long the value stays, at least 1 ms. Without it, an earlier time to live is
   *   removed.
   * @throws PathError or ConfigurationError before anything is written.
   */
  async set(path: Path, value: unknown, options?: { readonly expire?: Duration }): Promise<this> {
    const segments = this.#below(path)
    const { expire } = parseOptions('set options', options, setRules)
    const leaves = flatten(segments, value)
    const [name = ''] = segments
    if (name === '') throw new ConfigurationError('path', 'must lead below the root')
    await this.#tree.register(name)
    await (await this.#tree.named(name)).set(segments, leaves, expire)
    return this
  }

  /**
   * The value: for a leaf what was set, for a branch an object of everything below it, and `defaultValue`
   * (null) if there is nothing. A stored null is a value.
   *
   * @throws PathError for a branch of more than 8 MB, or on the root for such a section. {@link leaves} reads
   *   it value by value.
   */
  async val<T = unknown>(defaultValue?: T): Promise<T | null> {
    const leaves: Leaf[] = []
    for await (const [name, section] of this.#sections()) {
      const found = await section.leaves(this.#in(name))
      for (const [segments, json] of found) leaves.push([this.#segments.length === 0 ? [name, ...segments] : segments, json])
    }
    const value = unflatten(leaves)
    return value === undefined ? (defaultValue ?? null) : (value as T)
  }

  /** Whether a leaf or a branch is here. */
  async exists(): Promise<boolean> {
    for await (const [name, section] of this.#sections()) {
      const { leaf, names } = await section.page(this.#in(name), 'children', '', 1)
      if (leaf || names.length > 0) return true
    }
    return false
  }

  /** Deletes everything at and below a path below this node. Returns false if there was nothing. */
  async delete(path: Path): Promise<boolean> {
    return (await this.get(path).clear()) > 0
  }

  /** Deletes this node and everything below it, except locks. Returns how many leaves there were. */
  async clear(): Promise<number> {
    let removed = 0
    for await (const [name, section] of this.#sections()) removed += await section.remove(this.#in(name))
    return removed
  }

  /**
   * Adds to the number at this node, or to 0 if there is none, and returns the sum. The time to live stays.
   *
   * @throws WrongTypeError if the node holds something else, or if the sum is not a finite number;
   *   ConnectionError if the connection was lost meanwhile, so that the amount may have been added.
   */
  async add(amount: number): Promise<number> {
    if (typeof amount !== 'number' || !Number.isFinite(amount)) throw new ConfigurationError('amount', 'must be a finite number', amount)
    const [name] = this.#segments
    if (name === undefined) throw new WrongTypeError('add needs a number, but the root is a branch')
    await this.#tree.register(name)
    return (await this.#tree.named(name)).add(this.#segments, amount)
  }

  /**
   * Gives everything at and below this node a time to live, at least 1 ms, by the server's clock. Values that
   * are written later do not get it. Returns false if there is nothing.
   */
  async expire(ttl: Duration): Promise<boolean> {
    const milliseconds = span(1)('ttl', ttl)
    let count = 0
    for await (const [name, section] of this.#sections()) count += await section.expire(this.#in(name), milliseconds)
    return count > 0
  }

  /** The ms until the first leaf at or below this node expires; -1 if none does, -2 if there is nothing. */
  async ttl(): Promise<number> {
    let first = -2
    for await (const [name, section] of this.#sections()) {
      const ttl = await section.ttl(this.#in(name))
      if (ttl >= 0) first = first >= 0 ? Math.min(first, ttl) : ttl
      else if (first < 0) first = Math.max(first, ttl)
    }
    return first
  }

  /**
   * The nodes directly below this one, ordered by name and read in pages. Changes made meanwhile may be seen
   * or missed.
   */
  async *children(): AsyncGenerator<TreeNode> {
    for await (const name of this) yield this.get([name])
  }

  /** The names of {@link children}. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    const [name] = this.#segments
    if (name === undefined) return yield* this.#tree.names()
    const section = await this.#tree.named(name)
    let from = ''
    do {
      const page = await section.page(this.#segments, 'children', from)
      yield* page.names
      from = page.next
    } while (from !== '')
  }

  /** Every leaf at or below this node, in the order of their paths, read in pages. */
  async *leaves(): AsyncGenerator<TreeNode> {
    for await (const [name, section] of this.#sections()) {
      const segments = this.#in(name)
      let from = ''
      do {
        const page = await section.page(segments, 'leaves', from)
        if (from === '' && page.leaf) yield new TreeNode(this.#tree, segments)
        for (const leaf of page.names) yield new TreeNode(this.#tree, [...segments, ...decodeNode(leaf)])
        from = page.next
      } while (from !== '')
    }
  }

  /**
   * Yields the path of each change at or below this node, from the first step of the iteration on. Use it to
   * refresh values that you keep in memory. A change above this node that affects it, or a lost connection,
   * after which changes may have been missed, yields the node itself. Expiry is not reported. Ends without an
   * error when the signal aborts.
   *
   * @throws ClosingError if the store closes.
   */
  watch(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<{ path: string }> {
    const { signal } = parseOptions('watch options', options, watchRules)
    return stoppable(signal, (stop) => this.#changes(stop))
  }

  async *#changes(signal: AbortSignal): AsyncGenerator<{ path: string }, undefined, undefined> {
    const store = await this.#tree.store()
    const [name] = this.#segments
    const keep = (waiting: { path: string }[], path: string | undefined): void => {
      const below = path !== undefined && (this.path === '' || path === this.path || path.startsWith(`${this.path}.`))
      if (!below && path !== undefined && !this.path.startsWith(`${path}.`)) return
      if (waiting.length < mostWaiting) waiting.push({ path: below ? path : this.path })
      else waiting.splice(0, mostWaiting, { path: this.path })
    }
    const channel = changesChannel(store.options.prefix, store.selectedDatabase, name)
    yield* messages(store.subscriber, channel, keep, signal).iteration
  }

  /**
   * Takes the lock on this node, which keeps other owners away from it, from the nodes above it and from
   * those below it.
   *
   * @throws LockTimeoutError; ConfigurationError; the reason of the signal.
   */
  async acquire(options?: LockOptions): Promise<Lease> {
    return acquireLock(await this.#tree.store(), this.#segments, { ...this.#tree.lock, ...options })
  }

  /** Whether any owner holds a lock on this node or on one above it. */
  async isLocked(): Promise<boolean> {
    return isLocked(await this.#tree.store(), this.#segments)
  }

  #below(path: Path): string[] {
    const segments = [...this.#segments, ...parsePath(path)]
    return parsePath(segments)
  }

  /** The sections this node has a part in: its own, or all for the root. */
  async *#sections(): AsyncGenerator<[name: string, section: Section]> {
    const [name] = this.#segments
    if (name !== undefined) yield [name, await this.#tree.named(name)]
    else for await (const each of this.#tree.names()) yield [each, await this.#tree.named(each)]
  }

  #in(section: string): readonly string[] {
    return this.#segments.length === 0 ? [section] : this.#segments
  }
}
