import { setTimeout as pause } from 'node:timers/promises'

/** ms between two looks. */
const interval = 50

/**
 * Looks again and again until the answer is neither false nor undefined, and resolves with it. A look that
 * fails counts as one that found nothing: servers are down, or start.
 *
 * @throws Error when nothing was found in so many ms; its cause is that of the last look.
 */
export async function until(look, what, timeout = 60_000) {
  let cause
  for (const end = performance.now() + timeout; performance.now() < end; await pause(interval)) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
      cause = undefined
    } catch (error) {
      cause = error
    }
  }
  throw new Error(`waited ${timeout} ms for ${what}`, { cause })
}
