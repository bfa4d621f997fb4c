import { describe, expect, test } from 'vitest'
import { compileExpression } from './expression.ts'

describe('expressions', () => {
  test.each([
    ['{}', 3, 3],
    ['1 + 2 * 3', 0, 7],
    ['(1 + 2) * 3', 0, 9],
    ['2 * ({} + 1)', 3, 8],
    ['{} / 4 - 1', 3, -0.25],
    ['2 ** 3 ** 2', 0, 512],
    ['(-2) ** 2', 0, 4],
    ['-(2 ** 2)', 0, -4],
    ['{} ** 2', -3, 9],
    ['2 ** -1', 0, 0.5],
    ['- -2', 0, 2],
    ['7 % 3', 0, 1],
    ['-7 % 3', 0, 2],
    ['7 % -3', 0, -2],
    ['times2({}) + times3({})', 2, 10],
    ['sqrt(abs(-16))', 0, 4],
    ['min(3, {}, 2) + max(1, 5)', 1, 6],
    ['round({})', 2.5, 3],
    ['round({})', -2.5, -3],
    ['round({}, 2)', 1.005, 1.01],
    ['floor(1.7) + ceil(1.2)', 0, 3],
    ['log(exp(2))', 0, 2],
    ['pow(2, 10)', 0, 1024],
    ['1.5e3 + .5', 0, 1500.5],
  ])('%s with raw %d is %d', (text, raw, result) => {
    expect(compileExpression(text)(raw)).toBeCloseTo(result, 12)
  })

  test.each([
    '',
    '1 2',
    '1;2',
    '1, 2',
    '2 (3)',
    '(1',
    '1{}',
    'x',
    '$raw',
    'this',
    'true',
    '"text"',
    '[1]',
    '{}.constructor',
    'abs.constructor("return process")()',
    'constructor(1)',
    '__proto__(1)',
    'eval("1")',
    'process',
    '1 ? 2 : 3',
    '1 == 1',
    '1 && 1',
    '1 << 2',
    '~1',
    '!1',
    'abs()',
    'abs(1, 2)',
    'pow(1)',
    '-2 ** 2',
    '010',
    '10n',
    '0x10 in {}',
    'abs?.(1)',
    'max(...{})',
    'new Date()',
    '() => 1',
    '`1`',
    'import("fs")',
    'if (1) 2',
    `${'('.repeat(600)}1${')'.repeat(600)}`,
  ])('refuses %s', (text) => {
    expect(() => compileExpression(text)).toThrow(Error)
  })

  test.each(['1 / {}', '1 % {}', '1 / (2 - 2)'])('%s with raw 0 is a division by zero', (text) => {
    expect(() => compileExpression(text)(0)).toThrow('division by zero')
  })

  test('what is too large is infinite, and what is not defined is no number', () => {
    expect(compileExpression('1e308 * {}')(10)).toBe(Number.POSITIVE_INFINITY)
    expect(compileExpression('sqrt({})')(-1)).toBeNaN()
  })
})
