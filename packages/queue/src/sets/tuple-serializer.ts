import { ConfigurationError } from '@ripen/store'
import { jsonSerializer } from './json-serializer.ts'
import type { Serializer } from './serializer.ts'

/**
 * For records with a fixed list of fields: stores exactly these as a JSON object. `serialize` ignores other
 * fields of an item, and throws a ConfigurationError if a listed field has no JSON form. `deserialize`
 * refuses a record with other fields, or without one of these.
 *
 * @throws ConfigurationError for a list of fields that is empty or repeats one.
 */
export function tupleSerializer<T extends object>(fields: readonly (keyof T & string)[]): Required<Serializer<T>> {
  if (
    !Array.isArray(fields) ||
    fields.length === 0 ||
    fields.some((field) => typeof field !== 'string') ||
    new Set(fields).size < fields.length
  ) {
    throw new ConfigurationError('fields', 'must be a list of different names', fields)
  }
  const names: readonly string[] = [...fields]
  return {
    serialize(item) {
      if (typeof item !== 'object' || item === null)
        throw new ConfigurationError('item', `must be an object with ${names.join(', ')}`, item)
      const text = jsonSerializer.serialize(Object.fromEntries(names.map((name) => [name, item[name as keyof T]])))
      const stored = JSON.parse(text) as object
      const missing = names.find((name) => !Object.hasOwn(stored, name))
      if (missing !== undefined) throw new ConfigurationError(`item.${missing}`, 'must be representable as JSON', item[missing as keyof T])
      return text
    },
    deserialize(raw) {
      const stored: unknown = JSON.parse(raw)
      const matches =
        typeof stored === 'object' &&
        stored !== null &&
        Object.keys(stored).length === names.length &&
        names.every((name) => Object.hasOwn(stored, name))
      if (!matches) throw new TypeError(`not an object with exactly the fields ${names.join(', ')}`)
      return Object.fromEntries(names.map((name) => [name, (stored as Record<string, unknown>)[name]])) as T
    },
  }
}
