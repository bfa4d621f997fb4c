const day = 86_400_000

/**
 * Shorter than any two changes of one zone lie apart: the shortest since 1970 is just under 7 days (Recife,
 * 2000).
 */
const step = 3 * day

/** A change of a zone's offset: `at` is the first instant of the new one, offsets are in ms east of UTC. */
export interface Transition {
  readonly at: number
  readonly before: number
  readonly after: number
}

/** The offsets of an IANA time zone, from the tz data that Node carries. */
export class TimeZone {
  /** The canonical one, as Node has it. */
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  /**
   * A span known to hold no transition, ends included: schedules ask about nearly the same times again and
   * again, and formatting costs more than all else.
   */
  #steady: { readonly from: number; readonly until: number; readonly offset: number }

  /** @throws RangeError for a zone that Node does not know. */
  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
    this.#steady = name === 'UTC' ? { from: -Infinity, until: Infinity, offset: 0 } : { from: Infinity, until: -Infinity, offset: 0 }
  }

  /** Local time minus UTC in ms at an instant in epoch ms. */
  offsetAt(time: number): number {
    if (time >= this.#steady.from && time <= this.#steady.until) return this.#steady.offset
    const formatted = this.#format.format(time)
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatted)
    if (match === null) throw new Error(`no offset of ${this.name} in '${formatted}'`)
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = match
    const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
    return sign === '-' ? -offset : offset
  }

  /** The first change of the offset in (from, until]. */
  firstTransition(from: number, until: number): Transition | undefined {
    let low = from
    while (low < until) {
      if (low >= this.#steady.from && low < this.#steady.until) {
        low = this.#steady.until
        continue
      }
      const before = this.offsetAt(low)
      const high = low + step
      if (this.offsetAt(high) !== before) {
        const transition = this.#transitionBetween(low, high, before)
        this.#rememberSteady(low, transition.at - 1, before)
        return transition.at <= until ? transition : undefined
      }
      this.#rememberSteady(low, high, before)
      low = high
    }
    return undefined
  }

  #rememberSteady(from: number, until: number, offset: number): void {
    const known = this.#steady
    const overlaps = from <= known.until && until >= known.from
    this.#steady = overlaps ? { from: Math.min(from, known.from), until: Math.max(until, known.until), offset } : { from, until, offset }
  }

  #transitionBetween(from: number, until: number, before: number): Transition {
    let [low, high] = [from, until]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.offsetAt(middle) === before) low = middle
      else high = middle
    }
    return { at: high, before, after: this.offsetAt(high) }
  }
}

/**
 * By canonical name, and by every name in small letters that has led to one: there are no more than the tz
 * database has, however they are written.
 */
const zones = new Map<string, TimeZone>()
/** No name of the tz database is as long. */
const longestName = 64

/**
 * The zone of that name. One object serves all its names and all their schedules: a formatter is large.
 *
 * @returns undefined for a name that is none of the tz database. Offsets such as `+02:00` are none: only
 *   newer versions of Node take them.
 */
export function timeZone(name: string): TimeZone | undefined {
  if (!/^[A-Za-z]/.test(name) || name.length > longestName) return undefined
  const alias = name.toLowerCase()
  const known = zones.get(alias)
  if (known !== undefined) return known
  try {
    const canonical = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone
    const zone = zones.get(canonical) ?? new TimeZone(canonical)
    zones.set(canonical, zone)
    zones.set(alias, zone)
    return zone
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
