import { ConnectionError, PathError, WrongTypeError } from '../errors/errors.ts'
import { registerScriptError } from '../call/reply-error.ts'
import { sendScript } from '../script/script.ts'
import {
  treeAddScript,
  treeExpireScript,
  treePageScript,
  treeRemoveScript,
  treeSetScript,
  treeTtlScript,
  treeValueScript,
} from '../scripts.generated.ts'
import type { RipenStore } from '../store.ts'
import { formatPath } from './path.ts'
import { changesChannel, decodeNode, encodeNode, sectionKeys, type SectionKeys } from './tree-keys.ts'
import { mostBytes, type Leaf } from './tree-value.ts'

registerScriptError('NOT_A_NUMBER', (text) => new WrongTypeError(`add needs a number, but the node holds ${text}`))

registerScriptError(
  'TREE_TOO_LARGE',
  (path) => new PathError(path, `has more than ${mostBytes} bytes below it: read it value by value with leaves()`),
)

/** A page of what is below a node. */
export interface Page {
  /** The node itself has a value. */
  readonly leaf: boolean
  /** Where the next page begins; `''` after the last. */
  readonly next: string
  /** Names of direct children, or the paths of leaves below the node. */
  readonly names: readonly string[]
}

/**
 * One section of the tree: each call is one script, on the keys of the section. Nodes are given by all of
 * their segments, the section first.
 */
export class Section {
  readonly #store: RipenStore
  readonly #keys: SectionKeys
  readonly #channels: { readonly changes: string; readonly allChanges: string }

  constructor(store: RipenStore, name: string) {
    const { prefix } = store.options
    this.#store = store
    this.#keys = sectionKeys(prefix, name)
    this.#channels = {
      changes: changesChannel(prefix, store.selectedDatabase, name),
      allChanges: changesChannel(prefix, store.selectedDatabase, undefined),
    }
  }

  async set(segments: readonly string[], leaves: readonly Leaf[], ttl: number | undefined): Promise<void> {
    const node = encodeNode(segments.slice(1))
    const above = nodesAbove(segments)
    const rest = [...above]
    for (const [below, json] of leaves) rest.push(node + encodeNode(below), json)
    await this.#store.caller.script(treeSetScript, {
      keys: this.#keys,
      arguments: { ...this.#channels, path: formatPath(segments), node, ttl: ttl ?? '', above: above.length },
      rest,
    })
  }

  /** The leaves at and below the node; their segments begin below it. */
  async leaves(segments: readonly string[]): Promise<Leaf[]> {
    const node = encodeNode(segments.slice(1))
    const answer = await this.#store.caller.script(treeValueScript, {
      keys: this.#keys,
      arguments: { path: formatPath(segments), node, room: mostBytes },
    })
    const leaves: Leaf[] = []
    for (let i = 0; i < answer.length; i += 2) leaves.push([decodeNode((answer[i] ?? '').slice(node.length)), answer[i + 1] ?? ''])
    return leaves
  }

  remove(segments: readonly string[]): Promise<number> {
    return this.#store.caller.script(treeRemoveScript, {
      keys: this.#keys,
      arguments: { ...this.#channels, path: formatPath(segments), node: encodeNode(segments.slice(1)) },
    })
  }

  async add(segments: readonly string[], amount: number): Promise<number> {
    const call = {
      keys: this.#keys,
      arguments: { ...this.#channels, path: formatPath(segments), node: encodeNode(segments.slice(1)), amount },
      rest: nodesAbove(segments),
    }
    const total = await this.#store.caller.call((client, again, state) => {
      if (again) throw new ConnectionError(`the connection was lost: the add to ${formatPath(segments)} may have been applied once`)
      return sendScript(client, treeAddScript, call, state)
    })
    return Number(total)
  }

  expire(segments: readonly string[], ttl: number): Promise<number> {
    return this.#store.caller.script(treeExpireScript, {
      keys: this.#keys,
      arguments: { ...this.#channels, path: formatPath(segments), node: encodeNode(segments.slice(1)), ttl },
    })
  }

  ttl(segments: readonly string[]): Promise<number> {
    return this.#store.caller.script(treeTtlScript, { keys: this.#keys, arguments: { node: encodeNode(segments.slice(1)) } })
  }

  async page(segments: readonly string[], kind: 'children' | 'leaves', from = '', limit = 100): Promise<Page> {
    const node = encodeNode(segments.slice(1))
    const [leaf, next, names] = await this.#store.caller.script(treePageScript, {
      keys: this.#keys,
      arguments: { node, kind, from, limit },
    })
    return { leaf: leaf === 1, next, names: kind === 'children' ? names : names.map((name) => name.slice(node.length)) }
  }
}

/** A value at one of them would hide the node. */
function nodesAbove(segments: readonly string[]): string[] {
  return segments.slice(1).map((_segment, index) => encodeNode(segments.slice(1, index + 1)))
}
