const day = 86_400_000

/** Shorter than any two changes of one zone lie apart: the shortest since 1970 is just under 7 days (Recife, 2000). */
const step = 3 * day

/** A change of a zone's offset: `at` is the first instant of the new one, offsets are in ms east of UTC. */
export interface Transition {
  readonly at: number
  readonly before: number
  readonly after: number
}

/** The offsets of an IANA time zone, from the tz data that Node carries. */
export class TimeZone {
  /** As it was given. */
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  /** A span known to hold no transition, ends included: schedules ask about nearly the same times again and again, and formatting costs more than all else. */
  #steady = { from: Infinity, until: -Infinity, offset: 0 }

  /** @throws RangeError for a zone that Node does not know. */
  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /** Local time minus UTC in ms at an instant in epoch ms. */
  offsetAt(time: number): number {
    if (time >= this.#steady.from && time <= this.#steady.until) return this.#steady.offset
    const [, sign, hours, minutes, seconds] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(time)) ?? []
    const offset = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1_000
    return sign === '-' ? -offset : offset
  }

  /** The first change of the offset in (from, until]. */
  firstTransition(from: number, until: number): Transition | undefined {
    const before = this.offsetAt(from)
    let low = from
    while (low < until) {
      const high = Math.min(low + step, until)
      if (this.offsetAt(high) !== before) return this.#transitionBetween(low, high, before)
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

const zones = new Map<string, TimeZone>()

/**
 * The zone of that name. One object serves all its schedules: a formatter is large.
 *
 * @returns undefined for a name that is none of the tz database. Offsets such as `+02:00` are none: only newer versions of Node take them.
 */
export function timeZone(name: string): TimeZone | undefined {
  const known = zones.get(name)
  if (known !== undefined) return known
  if (!/^[A-Za-z]/.test(name)) return undefined
  try {
    const zone = new TimeZone(name)
    zones.set(name, zone)
    return zone
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
