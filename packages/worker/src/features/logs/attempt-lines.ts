import { logBytes, logLines } from '@ripen/queue/internal'

/**
 * The lines of one attempt that are not stored yet, the last ones of many: more than a job keeps need not
 * travel.
 */
export class AttemptLines {
  readonly id: string
  readonly fence: string
  #texts: string[] = []
  #sizes: number[] = []
  /** The number of the first of them in the attempt, from 1 on. */
  #first = 1
  #bytes = 0
  /** When the last one was written: none comes before it. */
  #last = 0

  constructor(id: string, fence: string) {
    this.id = id
    this.fence = fence
  }

  get count(): number {
    return this.#texts.length
  }

  /** In bytes, with line ends. */
  get size(): number {
    return this.#bytes
  }

  /** The number of the last line in the attempt. */
  get through(): number {
    return this.#first + this.#texts.length - 1
  }

  /** The time of a line that is written now. */
  at(now: number): number {
    return (this.#last = Math.max(this.#last, now))
  }

  push(text: string): void {
    const size = Buffer.byteLength(text) + 1
    this.#texts.push(text)
    this.#sizes.push(size)
    this.#bytes += size
    // The last one needs no line end.
    while (this.#texts.length > logLines || this.#bytes > logBytes + 1) this.#drop(1)
  }

  /** As `log.lua` wants them. */
  record(): (string | number)[] {
    return [this.id, this.fence, this.#first, this.#texts.length, this.#texts.join('\n')]
  }

  /** These, up to the number `through`, have been stored, or are given up. */
  done(through: number): void {
    this.#drop(through + 1 - this.#first)
  }

  #drop(count: number): void {
    const gone = Math.max(0, Math.min(count, this.#texts.length))
    this.#texts.splice(0, gone)
    for (const size of this.#sizes.splice(0, gone)) this.#bytes -= size
    this.#first += gone
  }
}
