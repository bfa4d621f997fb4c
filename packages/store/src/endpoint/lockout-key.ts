import { randomBytes } from 'node:crypto'

/** Stands for a malformed key. */
export const malformedKey = '!'

/**
 * A lockout key as it is stored: 32 hexadecimal digits in lower case. Dashes are ignored, so that a UUID is
 * one. `''` (no key) stays; anything else is {@link malformedKey}.
 */
export function parseLockoutKey(given: string): string {
  if (given === '') return ''
  const key = given.replaceAll('-', '').toLowerCase()
  return /^[0-9a-f]{32}$/.test(key) ? key : malformedKey
}

export function generateLockoutKey(): string {
  return randomBytes(16).toString('hex')
}
