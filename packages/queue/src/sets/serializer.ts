import { ConfigurationError } from '@ripen/store'

/**
 * Turns items into the text that a set stores, and back. If a function is missing, items are strings on that
 * side.
 */
export interface Serializer<T> {
  serialize?(item: T): string
  /** It may throw. Then the item cannot be deserialized, see `onBadItem`. */
  deserialize?(raw: string): T
}

/**
 * Stores strings as they are. Numbers and bigints are accepted too, and come back as strings.
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
