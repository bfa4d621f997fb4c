/**
 * Random numbers that a seed reproduces: mulberry32, a 32-bit generator of Tommy Ettinger in the public
 * domain. Good enough to draw faults and jobs.
 */
export class Random {
  #state

  /** @param seed a whole number, or a text that is hashed (FNV-1a) to one. */
  constructor(seed) {
    this.#state = typeof seed === 'string' ? hash(seed) : seed >>> 0
  }

  /** From 0 up to, but without, 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number, both ends included. */
  between(low, high) {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  chance(probability) {
    return this.next() < probability
  }

  pick(list) {
    return list[this.between(0, list.length - 1)]
  }

  /** Another list, in another order (Fisher-Yates). */
  shuffle(list) {
    const shuffled = [...list]
    for (let index = shuffled.length - 1; index > 0; index--) {
      const other = this.between(0, index)
      ;[shuffled[index], shuffled[other]] = [shuffled[other], shuffled[index]]
    }
    return shuffled
  }
}

function hash(text) {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0), 0x01000193)
  return value >>> 0
}
