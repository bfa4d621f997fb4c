import { randomBytes } from 'node:crypto'

/** In the order of their bytes, so that ids sort as they were made. */
const digits = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'
const base = digits.length

/**
 * Tilde, shard, twelve digits of six bits. A text of 14 characters takes no more memory on the server than a
 * shorter one.
 */
export const generatedId: RegExp = /^~[0-9a-z][-\w]{12}$/

/** Consecutive ids with one prefix. */
export interface IdRange {
  /** All but the last three digits. */
  readonly prefix: string
  /** The last three digits of the first id, as a number. */
  readonly counter: number
}

/**
 * The ids that one client makes, without asking anybody: consecutive numbers of 72 bits, from a random one on
 * whose last 18 bits are 0, written with 64 digits. Why they do not meet those of others:
 * docs/decisions/0013-random-sessions.md.
 */
export class GeneratedIds {
  #prefix = `~0${randomBytes(7).toString('base64url').slice(0, 9)}`
  #counter = 0

  /** The next ids, which nobody else is given. */
  reserve(count: number): IdRange {
    if (this.#counter + count > base ** 3) {
      this.#prefix = this.#prefix.slice(0, 2) + successor(this.#prefix.slice(2))
      this.#counter = 0
    }
    const range = { prefix: this.#prefix, counter: this.#counter }
    this.#counter += count
    return range
  }
}

/** The first ids of a range, as the server counts them. */
export function idsOf({ prefix, counter }: IdRange, count: number): string[] {
  const ids: string[] = []
  let head = ''
  for (let at = counter; at < counter + count; at++) {
    const digit = at % base
    if (digit === 0 || head === '') head = `${prefix}${digits[Math.floor(at / base ** 2)]}${digits[Math.floor(at / base) % base]}`
    ids.push(head + digits[digit])
  }
  return ids
}

/** One that belongs to no sequence, for a job that was never sent. */
export function singleId(): string {
  return `~0${randomBytes(9).toString('base64url')}`
}

/** The next text of as many digits. */
function successor(text: string): string {
  if (text === '') return ''
  const digit = digits.indexOf(text.at(-1) as string)
  const head = text.slice(0, -1)
  return digit === base - 1 ? successor(head) + digits[0] : head + digits[digit + 1]
}
