// oxlint-disable-next-line eslint/no-restricted-imports -- both threads must read the same
import { realClock } from '@ripen/store/internal'

/**
 * The clock that the main thread and the heartbeat thread both read, in ms; it does not follow changes of the
 * wall clock. No test moves it: it would move in one thread only.
 */
export function monotonic(): number {
  return performance.timeOrigin + realClock.now()
}
