import { keyTag } from '../script/key-tag.ts'

/**
 * hash: value (JSON text), rev, epoch, created and updated (epoch microseconds), last (token and answer of
 * the last call that wrote). After a delete only epoch.
 */
export function channelKey(prefix: string, label: string): string {
  return keyTag(prefix, '', `_ipc_${label}`)
}

/** Pub/sub channel, common to all databases of a server: `<epoch> <rev>` after each change. */
export function changesChannel(key: string, database: number): string {
  return `${key}:changed:${database}`
}
