import { ConfigurationError } from '@ripen/store'
import { optional, parseOptions, type Rule } from '@ripen/store/internal'
import type { Scorer } from './scorer.ts'
import { stringSerializer, type Serializer } from './serializer.ts'

export interface SortedSetOptions<T> {
  /**
   * The score of an item that is added without one. Default: 0 in a SortedSet, the server's time in a
   * TimeSortedSet and a ScheduledSet.
   */
  readonly scorer?: Scorer<T>
  /** How items become text and back. Either function may be missing. Default: items are strings. */
  readonly serializer?: Serializer<T>
  /**
   * Called with the stored text of an item that could not be deserialized, after it was logged. `pop` and
   * `take` have removed it, so this is the place to keep it; they wait for a promise that it returns. What it
   * throws is logged.
   */
  onBadItem?(raw: string, error: unknown): void | Promise<void>
}

export interface ParsedSortedSetOptions<T> {
  readonly scorer: Scorer<T> | undefined
  readonly serialize: (item: T) => string
  readonly deserialize: (raw: string) => T
  readonly onBadItem: ((raw: string, error: unknown) => void | Promise<void>) | undefined
}

export function parseSortedSetOptions<T>(owner: string, options: SortedSetOptions<T> | undefined): ParsedSortedSetOptions<T> {
  const { scorer, serializer, onBadItem } = parseOptions(`${owner} options`, options, {
    scorer: optional(callable as Rule<Scorer<T>>, undefined),
    serializer: optional(serializerRule as Rule<Serializer<T>>, undefined),
    onBadItem: optional(callable as Rule<NonNullable<SortedSetOptions<T>['onBadItem']>>, undefined),
  })
  return {
    scorer,
    // Called as methods, so that a serializer may be an instance of a class.
    serialize: (item) => (serializer?.serialize === undefined ? stringSerializer.serialize(item as string) : serializer.serialize(item)),
    deserialize: (raw) => (serializer?.deserialize === undefined ? (stringSerializer.deserialize(raw) as T) : serializer.deserialize(raw)),
    onBadItem: onBadItem && ((raw, error) => onBadItem.call(options, raw, error)),
  }
}

const callable: Rule<unknown> = (option, value) => {
  if (typeof value !== 'function') throw new ConfigurationError(option, 'must be a function', value)
  return value
}

const serializerRule: Rule<unknown> = (option, value) => {
  // Not parseOptions: an instance of a class may have more, and has its functions on the prototype.
  if (typeof value !== 'object' || value === null)
    throw new ConfigurationError(option, 'must be an object with serialize and deserialize', value)
  const { serialize, deserialize } = value as Record<string, unknown>
  optional(callable, undefined)(`${option}.serialize`, serialize)
  optional(callable, undefined)(`${option}.deserialize`, deserialize)
  return value
}
