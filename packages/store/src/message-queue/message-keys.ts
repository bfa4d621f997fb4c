import { keyTag } from '../script/key-tag.ts'

/** Every key of a message queue, with its type and what it holds. All carry one hash tag. */
export interface MessageKeys {
  /** list: the messages that wait, the next one first */
  readonly list: string
  /** hash: fence → message, while it is under a lease */
  readonly held: string
  /** sorted set: fence → when the lease lapses, in ms */
  readonly leases: string
  /** list: at most one token, a hint that there is a message */
  readonly wake: string
  /** hash: fence, the last one given */
  readonly meta: string
}

export function messageKeys(prefix: string, name: string): MessageKeys {
  const tag = keyTag(prefix, '', 'messages', name)
  return { list: `${tag}:list`, held: `${tag}:held`, leases: `${tag}:leases`, wake: `${tag}:wake`, meta: `${tag}:meta` }
}

/** string: number and answer of the last call of a lane; ends some minutes after it */
export function laneKey(prefix: string, name: string, lane: string): string {
  return `${keyTag(prefix, '', 'messages', name)}:lane:${lane}`
}
