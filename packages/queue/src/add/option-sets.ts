import { extrasOf, type Extras } from '../features/extras.ts'
import { mergeJobOptions, parseJobOptions, type ParsedJobOptions } from '../job/job-options.ts'
import { ownOptions, parseOwnOptions, sharedOptions, type OwnOptions } from '../job/own-options.ts'
import { prefixOf } from '../job/payload.ts'
import { encodeRow, membersOf } from '../job/row.ts'
import { freezeOptions, type StoredOptions } from '../job/stored-options.ts'
import { plainCopy, sharedText } from './shared-text.ts'

/** The options that many jobs have in common, checked and written down once for all of them. */
export interface OptionSet {
  /** As a row keeps them. */
  readonly stored: StoredOptions
  /** The same as JSON, without the braces. */
  readonly members: string
  /** A row of a job with these options and no others, up to its data. */
  readonly rowHead: string
  readonly extras: Extras
}

/** The options of one job: a set, and those of its own. */
export interface GivenOptions {
  readonly set: OptionSet
  readonly own: OwnOptions | undefined
}

/**
 * Callers write few different sets; should their number grow with the jobs, the memory of them stays bounded.
 */
const mostSets = 1_000

/** The options that are given to the jobs of one name, over their defaults. */
export class OptionSets {
  readonly #name: string
  readonly #defaults: ParsedJobOptions
  readonly #ownDefaults: OwnOptions | undefined
  readonly #known = new Map<string, OptionSet>()
  /** Of a job to which none are given. */
  readonly usual: GivenOptions

  constructor(name: string, defaults: ParsedJobOptions) {
    this.#name = name
    this.#defaults = defaults
    this.#ownDefaults = ownOptions(defaults)
    this.usual = { set: this.#set(defaults), own: this.#ownDefaults }
  }

  /**
   * @param index where the job stands in a bulk, for errors.
   * @throws ConfigurationError that names the option, its rule and the value.
   */
  of(given: unknown, index: number | undefined): GivenOptions {
    const path = index === undefined ? '' : `${prefixOf(index)}options`
    const split = sharedText(given)
    if (split === undefined) {
      const parsed = parseJobOptions(given, path)
      return { set: this.#set(mergeJobOptions(parsed, this.#defaults)), own: this.#over(ownOptions(parsed)) }
    }
    const { text, own } = split
    const set = this.#known.get(text) ?? this.#learn(given as object, path)
    return { set, own: own === undefined ? this.#ownDefaults : this.#over(parseOwnOptions(own, path)) }
  }

  /** A set for what is read now: a getter may answer something else than it did before. */
  #learn(given: object, path: string): OptionSet {
    const copy = plainCopy(given)
    const set = this.#set(mergeJobOptions(parseJobOptions(copy, path), this.#defaults))
    const text = sharedText(copy)?.text
    if (text !== undefined && this.#known.size < mostSets) this.#known.set(text, set)
    return set
  }

  #set(options: ParsedJobOptions): OptionSet {
    const stored = freezeOptions(sharedOptions(options))
    const members = membersOf(stored)
    return {
      stored,
      members,
      rowHead: encodeRow({ name: this.#name, priority: 0, members, data: '' }),
      extras: extrasOf(stored),
    }
  }

  /** A point in time given here lifts a default delay. */
  #over(own: OwnOptions | undefined): OwnOptions | undefined {
    if (own === undefined || this.#ownDefaults === undefined) return own ?? this.#ownDefaults
    if (own.delay === undefined && own.runAt === undefined) return { ...this.#ownDefaults, ...own }
    const { delay: _delay, runAt: _runAt, ...others } = this.#ownDefaults
    return { ...others, ...own }
  }
}
