import { expect, test } from 'vitest'
import { faultsOf } from '../scripts/check-prose.mjs'

test.for<[string, string[]]>([
  ['it cannot be', []],
  ['first\nit can not be, and Can not', ["2: 'can not' is 'cannot'", "2: 'Can not' is 'cannot'"]],
  ['it can not only read but write', []],
  ['he who calls', ["1: 'he' is 'it, they, or what it is'"]],
  ['the caches, each of which holds one', []],
  ['jobs, of which two run', ["1: 'of which' is 'whose, or a sentence of its own'"]],
  ['after so many ms', ["1: 'so many ms' is 'this many'"]],
])('%j', ([text, faults]) => {
  expect(faultsOf(text)).toEqual(faults)
})
