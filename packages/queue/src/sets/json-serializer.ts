import { ConfigurationError } from '@ripen/store'

/**
 * JSON with the keys of every object in one order, so that equal objects are the same item.
 *
 * Items come back as JSON makes them: a Date becomes a string. `serialize` throws a ConfigurationError for a
 * value that JSON cannot hold (undefined, a function) and a TypeError for a cycle or a bigint; `deserialize`
 * throws a SyntaxError.
 */
// oxlint-disable-next-line no-unnecessary-type-parameters -- the set that uses it says what T is
export const jsonSerializer: { serialize(item: unknown): string; deserialize<T>(raw: string): T } = {
  serialize(item) {
    const text = JSON.stringify(item) as string | undefined
    if (text === undefined) throw new ConfigurationError('item', 'must be representable as JSON', item)
    // Parsed again before it is sorted: the first pass has found cycles and applied every toJSON.
    return typeof item === 'object' && item !== null ? JSON.stringify(JSON.parse(text), sortKeys) : text
  },
  deserialize: (raw) => JSON.parse(raw),
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // By code unit, not by locale: the text must be the same in every process.
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
