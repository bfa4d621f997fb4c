import { cronAfter } from './cron-after.ts'
import { horizon } from './cron.ts'
import type { EveryTiming, ParsedTiming } from './timing.ts'

/**
 * The first occurrence of a schedule strictly after a time. Times are whole epoch ms; `start` and `end`
 * belong to the schedule's time.
 *
 * @param anchor when the schedule was made: `every` without `start` counts from there, and its first
 *   occurrence is one period later. A cron has no use for it.
 * @returns undefined when there is none: past `end`, or from 2100 on.
 */
export function after(timing: ParsedTiming, anchor: number, time: number): number | undefined {
  return firstIn(timing, anchor, time, horizon)
}

/**
 * The last occurrence in [from, until], found by halving: a schedule that was away for a year costs as little
 * as one that was away for a second.
 */
export function latest(timing: ParsedTiming, anchor: number, from: number, until: number): number | undefined {
  let none = Math.min(until, timing.end ?? horizon - 1)
  let found: number | undefined
  // Between `found` and `none` is the last occurrence; after `none` there is none.
  for (let width = 1_000; found === undefined && none >= from; width *= 2) {
    const low = Math.max(from - 1, none - width)
    found = firstIn(timing, anchor, low, none)
    if (found === undefined) none = low
  }
  while (found !== undefined && found < none) {
    const middle = Math.floor((found + none) / 2)
    const later = firstIn(timing, anchor, middle, none)
    if (later === undefined) none = middle
    else found = later
  }
  return found
}

/** The occurrences in [from, until], in order, at most the first `most` of them. */
export function between(timing: ParsedTiming, anchor: number, from: number, until: number, most: number): number[] {
  const times: number[] = []
  let time = firstIn(timing, anchor, from - 1, until)
  while (time !== undefined && times.length < most) {
    times.push(time)
    time = firstIn(timing, anchor, time, until)
  }
  return times
}

/** The first occurrence in (time, until]. */
function firstIn(timing: ParsedTiming, anchor: number, time: number, until: number): number | undefined {
  const since = timing.start === undefined ? time : Math.max(time, timing.start - 1)
  const last = Math.min(until, timing.end ?? until, horizon - 1)
  return 'every' in timing ? everyAfter(timing, anchor, since, last) : cronAfter(timing.cron, timing.zone, since, last)
}

function everyAfter({ every, start }: EveryTiming, anchor: number, time: number, until: number): number | undefined {
  const first = start ?? anchor + every
  const next = first + Math.max(0, Math.floor((time - first) / every) + 1) * every
  return next <= until ? next : undefined
}
