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
  ['*a*b', 'xaxbxab', true],
  ['*a*b', 'xaxbxa', false],
  ['a*', '', false],
  ['', '', true],
  ['', 'a', false],
])('%s and %s: %s', (pattern, text, matches) => {
  expect(glob(pattern)(text)).toBe(matches)
})

test('a pattern of many stars takes no longer than its length and that of the text allow', () => {
  const start = performance.now()
  expect(glob(`${'*a'.repeat(100)}b`)('a'.repeat(10_000))).toBe(false)
  expect(performance.now() - start).toBeLessThan(1_000)
})
