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

/** How many changes wait for a reader that is slow; beyond that the node itself is told, as for changes that were missed. */
const mostWaiting = 1_000

const setRules = { expire: optional(span(1), undefined) }
const watchRules = { signal: optional(signalRule, undefined) }

/**
 * A place in a tree, whether anything is there or not: nodes to one path are interchangeable. A node has a JSON value (a leaf) or nodes below it (a branch), never both.
 *
 * Each call is one atomic script, whose cost is that of what is at and below the node; calls of the root go section by section. In an outage calls wait and are sent again; after
 * `enqueueTimeout` they reject with a ConnectionError.
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
   * Puts a value at a path below this node, in place of everything that is there; values of nodes above it go. Resolves to this node.
   *
   * @param value anything that JSON can hold. An object is a branch: its keys become nodes. Arrays are leaves. At most 100,000 leaves, and 8 MB of JSON and paths.
   * @param options `expire`: how long the value stays, at least 1 ms; without it an earlier time to live ends.
   * @throws PathError, ConfigurationError before anything is written.
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
   * The value: of a leaf what was set, of a branch an object of what is below; `defaultValue` (null) when nothing is there. A stored null is a value.
   *
   * @throws PathError for a branch of more than 8 MB, or a section of the root: {@link leaves} reads those, one by one.
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

  /** Takes away what is at a path below this node. False: nothing was there. */
  async delete(path: Path): Promise<boolean> {
    return (await this.get(path).clear()) > 0
  }

  /** Takes away this node and everything below it. Answers how many leaves. Locks are not touched. */
  async clear(): Promise<number> {
    let removed = 0
    for await (const [name, section] of this.#sections()) removed += await section.remove(this.#in(name))
    return removed
  }

  /**
   * Adds to the number at this node, 0 when nothing is there, and answers the new one. Atomic; the time to live stays.
   *
   * @throws WrongTypeError where something else than a number is, or the result is no finite number; ConnectionError when the connection was lost on the way: it may have been added.
   */
  async add(amount: number): Promise<number> {
    if (typeof amount !== 'number' || !Number.isFinite(amount)) throw new ConfigurationError('amount', 'must be a finite number', amount)
    const [name] = this.#segments
    if (name === undefined) throw new WrongTypeError('add needs a number, but the root is a branch')
    await this.#tree.register(name)
    return (await this.#tree.named(name)).add(this.#segments, amount)
  }

  /** Gives everything that is at and below this node a time to live, at least 1 ms, by the server's clock. False: nothing is there. What is written later has none of it. */
  async expire(ttl: Duration): Promise<boolean> {
    const milliseconds = span(1)('ttl', ttl)
    let count = 0
    for await (const [name, section] of this.#sections()) count += await section.expire(this.#in(name), milliseconds)
    return count > 0
  }

  /** ms until the first of the leaves at and below this node ends; -1: none does, -2: nothing is here. */
  async ttl(): Promise<number> {
    let first = -2
    for await (const [name, section] of this.#sections()) {
      const ttl = await section.ttl(this.#in(name))
      if (ttl >= 0) first = first >= 0 ? Math.min(first, ttl) : ttl
      else if (first < 0) first = Math.max(first, ttl)
    }
    return first
  }

  /** The nodes directly below this one, in the order of their names, read in pages: what changes meanwhile may be met or missed. */
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

  /** Every leaf below this node, itself if it is one, in path order, read in pages. */
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
   * What changes at or below this node, from the first step of the iteration on: for values that are kept in memory. A change above that concerns this node, and a connection that was lost (some changes may have been
   * missed), tell of the node itself. The end of a time to live is not told. Ends quietly when the signal aborts.
   *
   * @throws ClosingError when the store closes.
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
   * Takes the lock on this node: other owners are kept from it, from the nodes above and from those below.
   *
   * @throws LockTimeoutError; ConfigurationError; the signal's reason.
   */
  async acquire(options?: LockOptions): Promise<Lease> {
    return acquireLock(await this.#tree.store(), this.#segments, { ...this.#tree.lock, ...options })
  }

  /** Whether somebody holds a lock on this node or one above it. */
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
