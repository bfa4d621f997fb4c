import { expect, test } from 'vitest'
import { faultsOf } from '../scripts/check-prose.mjs'

test.for<[string, string[]]>([
  ['it cannot be', []],
  ['first\nit can not be, and Can not', ["2: 'can not' is 'cannot'", "2: 'Can not' is 'cannot'"]],
  ['it can not only read but write', []],
])('%j', ([text, faults]) => {
  expect(faultsOf(text)).toEqual(faults)
})
