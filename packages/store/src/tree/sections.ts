import type { LockOptions } from '../lock/index.ts'
import { treeForgetScript, treeRegisterScript } from '../scripts.generated.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import { Section } from './section.ts'
import { rootKeys } from './tree-keys.ts'

/** ms after which a section's name is told to the server again; it may be dropped after ten minutes. */
const registration = 60_000
/** Sections that a tree remembers to have registered. */
const most = 10_000
const page = 100

/** What the nodes of a tree share: where it is, and its sections. */
export class Sections {
  /** How locks are taken. */
  readonly lock: LockOptions
  readonly #given: Store
  readonly #database: string | undefined
  readonly #registered = new Map<string, number>()

  constructor(store: Store, database: string | undefined, lock: LockOptions) {
    this.lock = lock
    this.#given = store
    this.#database = database
    internals(store)
  }

  /** The store that holds the tree: that of its database. */
  async store(): Promise<RipenStore> {
    return internals(this.#database === undefined ? this.#given : await this.#given.database(this.#database))
  }

  async named(name: string): Promise<Section> {
    return new Section(await this.store(), name)
  }

  /** Tells the server that a section is about to be written, so that the root knows of it. */
  async register(section: string): Promise<void> {
    const now = internals(this.#given).clock.now()
    if (now - (this.#registered.get(section) ?? Number.NEGATIVE_INFINITY) < registration) return
    const store = await this.store()
    await store.caller.script(treeRegisterScript, { keys: rootKeys(store.options.prefix), arguments: { section } })
    if (this.#registered.size >= most) this.#registered.clear()
    this.#registered.set(section, now)
  }

  /** The names of the sections that hold something, in order. Names of empty ones are dropped on the way. */
  async *names(): AsyncGenerator<string> {
    const store = await this.store()
    const keys = rootKeys(store.options.prefix)
    let from = '-'
    for (;;) {
      const names = await store.caller.call((client) => client.zrangebylex(keys.sections, from, '+', 'LIMIT', 0, page))
      for (const name of names) {
        const { leaf, names: children } = await (await this.named(name)).page([name], 'children', '', 1)
        if (leaf || children.length > 0) yield name
        else await store.caller.script(treeForgetScript, { keys, arguments: { section: name } })
      }
      if (names.length < page) return
      from = `(${names.at(-1)}`
    }
  }
}
