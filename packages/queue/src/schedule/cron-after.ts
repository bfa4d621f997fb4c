import type { Cron } from './cron.ts'
import type { TimeZone, Transition } from './time-zone.ts'

/** No zone has repeated more than 7 hours since 1970. */
const longestRepetition = 86_400_000

/**
 * The first instant in (time, until] at which a cron runs in a zone, in epoch ms.
 *
 * - Local times that a zone leaves out, when clocks go forward, run together at the first instant after the
 *   gap.
 * - Local times that come twice, when clocks go back, run both times by a cron with `*`, a range or a step of
 *   hours, and the first time only by one with fixed hours.
 */
export function cronAfter(cron: Cron, zone: TimeZone, time: number, until: number): number | undefined {
  let least = time + 1
  let transition = zone.firstTransition(least - longestRepetition, least)
  for (;;) {
    if (transition !== undefined) {
      if (transition.at === least && hasTimeInGap(cron, transition)) return least <= until ? least : undefined
      // The repetition ends as late after the transition as the clocks went back.
      if (cron.hasFixedHours) least = Math.max(least, transition.at + transition.before - transition.after)
    }
    if (least > until) return undefined
    const offset = zone.offsetAt(least)
    const local = cron.next(least + offset)
    const candidate = local === undefined ? until + 1 : local - offset
    transition = zone.firstTransition(least, Math.min(candidate, until))
    if (transition === undefined) return candidate <= until ? candidate : undefined
    least = transition.at
  }
}

function hasTimeInGap(cron: Cron, { at, before, after }: Transition): boolean {
  const local = cron.next(at + before)
  return local !== undefined && local < at + after
}
