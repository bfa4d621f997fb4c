import type { Segment } from './model.ts'

const keys = ['a', 'b', 'key', '', '0', '1', '10', '__proto__', 'constructor', 'with.dot', 'say "hi"', '{', ']', ',', 'ü', '🙂', '\\', '\n', '\ud83d', '\u2028', '\u0001'] // prettier-ignore
const strings = ['', 'text', '"', '\\', '\\"', '[{', '}]', '\u0000\u001f', 'grüße', '🙂🙂', '\ud83d', '\ude42', '\\u0041', 'null', ',', '\u2028\n\t'] // prettier-ignore
const numbers = [0, 1, -1, 2.5, -0.1, 1e21, -1e-7, 2 ** 53 - 1, 2 ** 53, 1.7976931348623157e308, 5e-324, 0.1, 123456.789]

/** Makes random values: with objects as maps, so that members have the order in which they came. */
export class RandomDocument {
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  value(depth: number): unknown {
    const kind = this.below(depth > 0 ? 9 : 5)
    if (kind === 0) return null
    if (kind === 1) return this.#random() < 0.5
    if (kind === 2) return this.pick(numbers)
    if (kind <= 4) return this.text()
    if (kind <= 6) return Array.from({ length: this.below(5) }, () => this.value(depth - 1))
    const members = Array.from({ length: this.below(6) }, (): [string, unknown] => [this.pick(keys), this.value(depth - 1)])
    return new Map(members)
  }

  text(): string {
    return this.pick(strings)
  }

  number(): number {
    return this.pick(numbers)
  }

  /** Mostly one that leads somewhere. */
  path(root: unknown): Segment[] {
    const path: Segment[] = []
    let value = root
    while (this.#random() < 0.75) {
      let segment: Segment
      if (value instanceof Map && value.size > 0 && this.#random() < 0.85) {
        segment = this.pick([...(value.keys() as Iterable<string>)])
        value = (value as Map<string, unknown>).get(segment)
      } else if (Array.isArray(value) && value.length > 0 && this.#random() < 0.85) {
        segment = this.below(2 * value.length) - value.length
        value = value.at(segment) as unknown
      } else {
        segment = this.#random() < 0.6 ? this.pick(keys) : this.below(7) - 3
        value = undefined
      }
      path.push(segment)
      if (value === undefined) break
    }
    return path
  }
}

/** Written in one of the ways that mean the same. */
export function pathText(segments: readonly Segment[], random: () => number): string {
  let text = ''
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (/^[^.[\]]+$/.test(segment) && random() < 0.7) text += text === '' ? segment : `.${segment}`
    else text += `[${JSON.stringify(segment)}]`
  }
  return text === '' || random() < 0.5 ? `.${text}` : text
}
