import { expect, test } from 'vitest'
import { jsonSerializer } from './json-serializer.ts'
import { stringSerializer } from './serializer.ts'
import { tupleSerializer } from './tuple-serializer.ts'

const configurationError = (option: string): unknown => expect.objectContaining({ code: 'RIPEN_CONFIGURATION', option })

test('stringSerializer leaves text as it is and prints numbers', () => {
  expect(['', ' x ', 0, -1.5, 10n].map((item) => stringSerializer.serialize(item as string))).toEqual(['', ' x ', '0', '-1.5', '10'])
  expect(stringSerializer.deserialize('')).toBe('')
  expect(() => stringSerializer.serialize(null as never)).toThrow(configurationError('item'))
})

test('jsonSerializer orders the keys of every object, and of no array', () => {
  expect(jsonSerializer.serialize({ b: [{ d: 1, c: [2, 1] }], a: null, B: 0 })).toBe('{"B":0,"a":null,"b":[{"c":[2,1],"d":1}]}')
  expect(jsonSerializer.serialize({ b: 1, a: undefined })).toBe('{"b":1}')
})

test('jsonSerializer is JSON for all else', () => {
  const items = [null, false, 0, '', 'é\ud83d', [], {}, 1e21, new Date(0), new Map([[1, 2]]), Object(5), { toJSON: () => ({ b: 1, a: 2 }) }]
  expect(items.map((item) => jsonSerializer.serialize(item))).toEqual([
    ...items.slice(0, -1).map((item) => JSON.stringify(item)),
    '{"a":2,"b":1}',
  ])
})

test('jsonSerializer keeps a key named __proto__', () => {
  const text = '{"__proto__":{"x":1},"a":1}'
  expect(jsonSerializer.serialize(jsonSerializer.deserialize(text))).toBe(text)
})

test('jsonSerializer refuses what has no JSON', () => {
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  expect(() => jsonSerializer.serialize(cyclic)).toThrow(TypeError)
  expect(() => jsonSerializer.serialize(undefined)).toThrow(configurationError('item'))
})

test('tupleSerializer stores its fields and no others', () => {
  const serializer = tupleSerializer<{ tiger: number; woods: { b: number; a: number } }>(['woods', 'tiger'])
  const item = { woods: { b: 1, a: 2 }, tiger: 0, other: 'ignored' }
  expect(serializer.serialize(item)).toBe('{"tiger":0,"woods":{"a":2,"b":1}}')
  expect(serializer.deserialize(serializer.serialize(item))).toEqual({ tiger: 0, woods: { a: 2, b: 1 } })
})

test('tupleSerializer refuses a record that is not of its kind, both ways', () => {
  const serializer = tupleSerializer<{ a: unknown; b: unknown }>(['a', 'b'])
  expect(() => serializer.serialize({ a: 1 } as never)).toThrow(configurationError('item.b'))
  expect(() => serializer.serialize(null as never)).toThrow(configurationError('item'))
  for (const raw of ['{"a":1}', '{"a":1,"b":2,"c":3}', '{"a":1,"c":2}', '[1,2]', 'null', '"ab"', '{']) {
    expect(() => serializer.deserialize(raw)).toThrow()
  }
})

test.each([[[]], [['a', 'a']], [[1]], ['a'], [undefined]])('tupleSerializer refuses the list of fields %j', (fields) => {
  expect(() => tupleSerializer(fields as never)).toThrow(configurationError('fields'))
})
