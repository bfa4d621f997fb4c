import { lockRules, type LockOptions } from '../lock/index.ts'
import { any, optional, parseOptions, text } from '../options.ts'
import { treeForgetScript, treeRegisterScript } from '../scripts.generated.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import { parsePath, type Path } from './path.ts'
import { Section } from './section.ts'
import { rootKeys } from './tree-keys.ts'
import { TreeNode } from './tree-node.ts'

export interface TreeOptions {
  /** How locks are taken by the nodes of this tree, unless `acquire` says otherwise. */
  readonly lock?: LockOptions
  /** A named database of the store; default: the one the store is connected to. */
  readonly database?: string
}

/** ms after which a section's name is told to the server again; it may be dropped after ten minutes. */
const registration = 60_000
/** Sections that a tree remembers to have registered. */
const most = 10_000
const page = 100

/** A tree of JSON values on the server. It uses the connections of its store and never closes it. */
export class Tree {
  readonly lock: LockOptions
  readonly #given: Store
  readonly #database: string | undefined
  readonly #registered = new Map<string, number>()

  /** @throws ConfigurationError for an option that breaks its rule. An unknown database is refused when it is first used. */
  constructor(store: Store, options?: TreeOptions) {
    const { lock, database } = parseOptions('Tree options', options, {
      lock: any<LockOptions | undefined>(),
      database: optional(text, undefined),
    })
    parseOptions('LockOptions', lock, lockRules, 'lock')
    this.lock = lock ?? {}
    this.#given = store
    this.#database = database
    internals(store)
  }

  /** The node at a path; `[]` is the root. No I/O. */
  at(path: Path): TreeNode {
    return new TreeNode(this, parsePath(path))
  }

  /** The store that holds the tree: that of its database. */
  async store(): Promise<RipenStore> {
    return internals(this.#database === undefined ? this.#given : await this.#given.database(this.#database))
  }

  async section(name: string): Promise<Section> {
    return new Section(await this.store(), name)
  }

  /** Tells the server that a section is about to be written, so that the root knows of it. */
  async register(section: string): Promise<void> {
    const now = performance.now()
    if (now - (this.#registered.get(section) ?? Number.NEGATIVE_INFINITY) < registration) return
    const store = await this.store()
    await store.caller.script(treeRegisterScript, { keys: rootKeys(store.options.prefix), arguments: { section } })
    if (this.#registered.size >= most) this.#registered.clear()
    this.#registered.set(section, now)
  }

  /** The names of the sections that hold something, in order. Names of empty ones are dropped on the way. */
  async *sections(): AsyncGenerator<string> {
    const store = await this.store()
    const keys = rootKeys(store.options.prefix)
    let from = '-'
    for (;;) {
      const names = await store.caller.call((client) => client.zrangebylex(keys.sections, from, '+', 'LIMIT', 0, page))
      for (const name of names) {
        const { leaf, names: children } = await (await this.section(name)).page([name], 'children', '', 1)
        if (leaf || children.length > 0) yield name
        else await store.caller.script(treeForgetScript, { keys, arguments: { section: name } })
      }
      if (names.length < page) return
      from = `(${names.at(-1)}`
    }
  }
}

/**
 * The root of the store's tree. Its children are the sections, each of which is one unit: what is read or changed at or below a section is one atomic step. What begins at the root
 * goes section by section.
 */
export function root(store: Store, options?: TreeOptions): TreeNode {
  return new Tree(store, options).at([])
}

/** A section: a first segment, or a path below one. */
export function section(store: Store, name: string, options?: TreeOptions): TreeNode {
  return new Tree(store, options).at(name)
}
