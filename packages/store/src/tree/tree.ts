import { lockRules, type LockOptions } from '../lock/index.ts'
import { any, optional, parseOptions, text } from '../options/options.ts'
import type { Store } from '../store.ts'
import { parsePath, type Path } from './path.ts'
import { Sections } from './sections.ts'
import { TreeNode } from './tree-node.ts'

export interface TreeOptions {
  /** Default options for `acquire` on the nodes of this tree. */
  readonly lock?: LockOptions
  /** A named database of the store. Default: the one that the store is connected to. */
  readonly database?: string
}

/** A tree of JSON values on the server. It uses the store's connections, and never closes the store. */
export class Tree {
  readonly #sections: Sections

  /**
   * @throws ConfigurationError for an option that breaks its rule. An unknown database is refused when it is
   *   first used.
   */
  constructor(store: Store, options?: TreeOptions) {
    const { lock, database } = parseOptions('Tree options', options, {
      lock: any<LockOptions | undefined>(),
      database: optional(text, undefined),
    })
    parseOptions('LockOptions', lock, lockRules, 'lock')
    this.#sections = new Sections(store, database, lock ?? {})
  }

  /** The node at a path; `[]` is the root. No I/O. */
  at(path: Path): TreeNode {
    return new TreeNode(this.#sections, parsePath(path))
  }
}

/**
 * The root of the store's tree. Its children are the sections. A call at or below a section is one atomic
 * step; a call on the root goes section by section.
 */
export function root(store: Store, options?: TreeOptions): TreeNode {
  return new Tree(store, options).at([])
}

/** A section: a first segment, or a path below one. */
export function section(store: Store, name: string, options?: TreeOptions): TreeNode {
  return new Tree(store, options).at(name)
}
