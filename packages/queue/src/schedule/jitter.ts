import { createHash } from 'node:crypto'

/**
 * How much later than its time an occurrence becomes due, in whole ms: uniform in [0, jitter] over the
 * occurrences, and always the same for one, whoever asks.
 *
 * @param jitter in whole ms.
 */
export function jitterOf(scheduleId: string, occurrence: number, jitter: number): number {
  const hash = createHash('sha256').update(`${scheduleId}\n${occurrence}`).digest()
  return Math.floor((hash.readUIntBE(0, 6) / 2 ** 48) * (jitter + 1))
}
