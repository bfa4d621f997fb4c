import { expect, test } from 'vitest'
import { glob } from './glob.ts'

test.each([
  ['*', 'sensor_value.foo', true],
  ['sensor_value.*', 'sensor_value.foo', true],
  ['sensor_value.*', 'sensor_values.foo', false],
  ['sensor_value.*', 'my.sensor_value.foo', false],
  ['*.foo', 'sensor_value.foo', true],
  ['*.fo?', 'sensor_value.foo', true],
  ['*.fo?', 'sensor_value.fo', false],
  ['a.c', 'abc', false],
  ['a+(b)[c]', 'a+(b)[c]', true],
  ['**', '', true],
])('%s and %s: %s', (pattern, text, matches) => {
  expect(glob(pattern)(text)).toBe(matches)
})
