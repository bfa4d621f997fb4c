import { describe, expect, test } from 'vitest'
import { JsonPath } from './json-path.ts'

const bad = { code: 'RIPEN_PATH' }

describe('RJ-01 construction', () => {
  test('RJ-01 the root is the default, the empty path stays, a path can be copied, and what ends with a dot is refused', () => {
    expect(String(new JsonPath())).toBe('.')
    expect(String(new JsonPath(''))).toBe('')
    expect(String(new JsonPath(new JsonPath('.a.b')))).toBe('.a.b')
    for (const path of ['..', '.a.', 'a.', '.a..']) expect(() => new JsonPath(path), path).toThrow(expect.objectContaining(bad))
    for (const path of [1, null, {}, ['a']]) expect(() => new JsonPath(path as unknown as string)).toThrow(expect.objectContaining(bad))
  })

  test.for(['a..b', '.a.[0]', 'a[', 'a]', 'a[x]', 'a["b]', 'a["b"', '["a"]b', 'a[1.5]', '["\\x"]', '...', '.[0].'])(
    'refuses %s',
    (path) => {
      expect(() => new JsonPath(path)).toThrow(expect.objectContaining(bad))
    },
  )

  test.for<[string, (string | number)[]]>([
    ['.', []],
    ['', []],
    ['a', ['a']],
    ['.a.b', ['a', 'b']],
    ['a[0]', ['a', 0]],
    ['a[-1][2].b', ['a', -1, 2, 'b']],
    ['[0]', [0]],
    ['.[0]', [0]],
    ['["key with.dots"].x', ['key with.dots', 'x']],
    ['a["say \\"hi\\""]', ['a', 'say "hi"']],
    ["a['it\\'s']", ['a', "it's"]],
    ['[""]', ['']],
    ['a b.ü.__proto__', ['a b', 'ü', '__proto__']],
    ['a.0', ['a', '0']],
  ])('the segments of %s', ([path, segments]) => {
    expect(new JsonPath(path).segments).toEqual(segments)
  })
})

test('RJ-02 it is its text', () => {
  for (const path of ['.', '', 'a', '.a.b', 'a[0]["x.y"]']) expect(String(new JsonPath(path))).toBe(path)
  expect(JSON.stringify({ path: new JsonPath('.a') })).toBe('{"path":".a"}')
})

test('RJ-03 absolute paths begin with a dot', () => {
  expect(['.', '.abc', '', 'abc'].map((path) => new JsonPath(path).isAbsolute)).toEqual([true, true, false, false])
})

test('RJ-04 only the dot is the root', () => {
  expect(['.', '.abc', '', 'abc'].map((path) => new JsonPath(path).isRoot)).toEqual([true, false, false, false])
})

test('RJ-05 only the empty path is empty', () => {
  expect(['.', '.abc', '', 'abc'].map((path) => new JsonPath(path).isEmpty)).toEqual([false, false, true, false])
})

test('RJ-06 equality is by text, with paths and with text, and fails for anything else', () => {
  expect(new JsonPath('.abc').equals('.abc')).toBe(true)
  expect(new JsonPath('.abc').equals(new JsonPath('.abc'))).toBe(true)
  expect(new JsonPath('abc').equals('.abc')).toBe(false)
  expect(new JsonPath('.').equals('')).toBe(false)
  expect(() => new JsonPath('abc').equals(1 as unknown as string)).toThrow(expect.objectContaining({ code: 'RIPEN_CONFIGURATION' }))
})

describe('RJ-07 join', () => {
  test.for([
    ['.', 'a', '.a'],
    ['.', '', '.'],
    ['.b', 'a', '.b.a'],
    ['.b', '', '.b'],
    ['b', 'c', 'b.c'],
    ['', 'a', 'a'],
    ['', '', ''],
    ['.b', '[0].c', '.b[0].c'],
    ['.', '["x.y"]', '.["x.y"]'],
  ] as const)('RJ-07 %s and %s', ([path, other, joined]) => {
    expect(String(new JsonPath(path).join(other))).toBe(joined)
    expect(String(new JsonPath(path).join(new JsonPath(other)))).toBe(joined)
  })

  test('RJ-07 only a relative path can be joined', () => {
    for (const other of ['.', '.a']) expect(() => new JsonPath('.b').join(other)).toThrow(expect.objectContaining(bad))
  })
})

describe('RJ-08 relativeTo', () => {
  test.for([
    ['.a', '.a', ''],
    ['.', '.', ''],
    ['.a', '.', 'a'],
    ['.a.b.c', '.a', 'b.c'],
    ['a.b', 'a', 'b'],
    ['a.b', '', 'a.b'],
    ['.a[0].b', '.a', '[0].b'],
    ['.a["b"].c', '.a.b', 'c'],
  ] as const)('RJ-08 %s from %s', ([path, base, relative]) => {
    expect(String(new JsonPath(path).relativeTo(base))).toBe(relative)
  })

  test.for([
    ['.a', 'a'],
    ['a', '.'],
    ['.ab', '.a'],
    ['.a', '.a.b'],
    ['.b.c', '.a'],
    ['a[0]', 'a["0"]'],
  ] as const)('RJ-08 there is no way to %s from %s', ([path, base]) => {
    expect(() => new JsonPath(path).relativeTo(base)).toThrow(expect.objectContaining(bad))
  })
})

const families = [
  ['.', null, '.'],
  ['', null, ''],
  ['.a', '.', 'a'],
  ['.a.b.c', '.a.b', 'c'],
  ['abc', '', 'abc'],
  ['a.b', 'a', 'b'],
  ['.a[0]', '.a', '[0]'],
  ['.["x.y"]', '.', '["x.y"]'],
] as const

test.for(families)('RJ-09 the parent of %s', ([path, parent]) => {
  const found = new JsonPath(path).parent
  expect(found === null ? null : String(found)).toBe(parent)
})

test.for(families)('RJ-10 the name of %s', ([path, , name]) => {
  expect(new JsonPath(path).name).toBe(name)
})
