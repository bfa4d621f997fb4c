import { expect, test } from 'vitest'
import { decodeOptions } from './stored-options.ts'

test('rows with the same options share them, and nobody can change them', () => {
  const text = JSON.stringify({ attempts: 3, backoff: { type: 'fixed', delay: 5, factor: 1, max: 9, jitter: 0 } })
  const options = decodeOptions(text)
  expect(decodeOptions(` ${text}`.slice(1))).toBe(options)
  expect(() => ((options as { attempts: number }).attempts = 1)).toThrow(TypeError)
  expect(() => ((options.backoff as { delay: number }).delay = 1)).toThrow(TypeError)
})

test('what cannot be read is refused each time', () => {
  for (let round = 0; round < 2; round++) {
    expect(() => decodeOptions('{"attempts":0}')).toThrow(expect.objectContaining({ option: 'attempts' }))
    expect(() => decodeOptions('{"attempts"')).toThrow(SyntaxError)
  }
})

test('the memory is bounded, and takes no long texts', () => {
  const kept = decodeOptions('{"attempts":2}')
  for (let attempts = 3; attempts < 3_000; attempts++) decodeOptions(`{"attempts":${attempts}}`)
  expect(decodeOptions('{"attempts":2}')).not.toBe(kept)
  const long = JSON.stringify({ meta: { text: 'x'.repeat(300) } })
  expect(decodeOptions(long)).not.toBe(decodeOptions(long))
})
