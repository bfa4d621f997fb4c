import { ConfigurationError } from '@ripen/store'

/**
 * A score as the text that is sent: as JavaScript prints it, so the server reads the same double.
 *
 * @throws ConfigurationError naming `option` for NaN, an infinite number and what is no number or Date.
 */
export function scoreText(option: string, score: unknown): string {
  const number = score instanceof Date ? score.getTime() : score
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new ConfigurationError(option, 'must be a finite number', score)
  return String(number)
}

/** Reads a score that the server printed; other programs may have stored infinite ones. */
export function readScore(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text)
}
