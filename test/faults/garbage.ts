import { randomNumbers } from './random-numbers.ts'

const past = Date.now() - 60_000

/** Texts that no version of Ripen writes, or not there. */
const texts = [
  '',
  'x',
  'null',
  '{',
  '[]',
  '1',
  '-1',
  'nan',
  'NaN',
  'inf',
  '1e400',
  '99999999999999999999999',
  '\u0000\u0001',
  ' ',
  '\n',
  ';;;',
  '{"routingKey":1}',
  '{"a":'.repeat(2_000),
]

const head = `1${past}`
const nested = '['.repeat(100_000) + ']'.repeat(100_000)

/** Rows of jobs that are nearly right. */
export const jobRows: readonly string[] = [
  `2${past}:0:work\n\n1`,
  `${head}:x:work\n\n1`,
  `${head}:99999999999:work\n\n1`,
  `1xxxxxxxxxxxxx:0:work\n\n1`,
  `${head}:0:work`,
  `${head}:0:work\n\n{"a":`,
  ...[
    'null',
    '[]',
    '7',
    '{',
    '{"attempts":"x"}',
    '{"attempts":-1}',
    '{"attempts":0}',
    '{"timeout":"soon"}',
    '{"timeout":-1}',
    '{"delay":null}',
    '{"runAt":1e400}',
    '{"expiresIn":NaN}',
    '{"expiresIn":"x"}',
    '{"backoff":"exponential"}',
    '{"attempts":3,"backoff":{"type":"wild","delay":1,"factor":2,"max":5,"jitter":0}}',
    '{"attempts":3,"backoff":{"type":"fixed","delay":"x"}}',
    '{"retain":{"completed":"x;y"}}',
    '{"retain":{"failed":"x;y"}}',
    '{"retain":{"failed":NaN}}',
    '{"retain":7}',
    '{"unique":"x"}',
    '{"unique":7}',
    '{"unique":{"during":"unfinished"}}',
    '{"meta":{"a":1}}',
    '{"schedule":7}',
    '{"__proto__":{"attempts":5}}',
  ].map((options) => `${head}:0:work\n${options}\n1`),
]

/** Rows of states that are nearly right. */
export const stateRows: readonly string[] = [
  '-1:0:::',
  'NaN:0:::',
  '99999999999999999999:99999999999999999999:::',
  '1:2:x::',
  '0:0:::{"progress":',
  '0:0:::"text"',
  '0:0:::[1]',
  '0:0:::{"error":7}',
  '0:0:::{"error":{"name":1,"message":2}}',
  '0:0:::{"error":{"name":"x","message":"y","reason":{"toString":1}}}',
  `0:0:::{"progress":${nested}}`,
]

const scores = ['-inf', '+inf', '-1e300', '1e300', '0', '-1', '1.5', String(past), String(past * 1_000), String(Date.now() + 3_600_000)]

/** Garbage that a seed determines. */
export class Garbage {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = randomNumbers(seed)
  }

  of<T>(values: readonly T[]): T {
    return values[Math.floor(this.#next() * values.length)] as T
  }

  text(): string {
    return this.of(texts)
  }

  score(): string {
    return this.of(scores)
  }

  /** What may stand in a hash of this kind. */
  row(kind: string): string {
    if (kind === 'jobs' && this.#next() < 0.9) return this.of(jobRows)
    if (kind === 'state' && this.#next() < 0.8) return this.of(stateRows)
    return this.text()
  }
}
