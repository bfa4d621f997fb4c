import { ConfigurationError } from '@ripen/store'

/** Turns items into the text that a set stores and back. A missing function is the identity on text. */
export interface Serializer<T> {
  serialize?(item: T): string
  /** May throw: the item then counts as bad, see `onBadItem`. */
  deserialize?(raw: string): T
}

/**
 * The identity on text. Numbers and bigints are taken too and come back as their text.
 *
 * `serialize` throws a ConfigurationError for anything else.
 */
export const stringSerializer: Required<Serializer<string>> = {
  serialize(item: unknown) {
    if (typeof item === 'string') return item
    if (typeof item === 'bigint' || Number.isFinite(item)) return String(item)
    throw new ConfigurationError('item', 'must be a string unless the set has a serializer', item)
  },
  deserialize: (raw) => raw,
}
