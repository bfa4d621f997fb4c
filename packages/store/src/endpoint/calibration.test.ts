import { expect, test } from 'vitest'
import { compileCalibration, type Calibration, type Reading } from './calibration.ts'

function read(calibration: Calibration | undefined, raw: unknown): Reading {
  return compileCalibration('calibration', 'foo', calibration)(raw)
}

test('without a calibration there is only the raw value, with its type', () => {
  expect([4, '4', true, { a: 1 }, null].map((raw) => read(undefined, raw).value_raw)).toEqual([4, '4', true, { a: 1 }, null])
  expect(read(undefined, 4)).not.toHaveProperty('value_cal')
})

test('an expression takes numbers and texts that are numbers', () => {
  expect(read('2 * {}', 4)).toEqual({ value_raw: 4, value_cal: 8 })
  expect(read('2 * {}', ' 4.5 ')).toEqual({ value_raw: ' 4.5 ', value_cal: 9 })
})

test('null is not calibrated, and of a list the first element counts', () => {
  expect(read('2 * {}', null)).toEqual({ value_raw: null })
  expect(read('2 * {}', [3, 9])).toEqual({ value_raw: [3, 9], value_cal: 6 })
  expect(read({ '3': 'three' }, [3])).toEqual({ value_raw: [3], value_cal: 'three' })
})

test('what is too large has no calibrated value', () => {
  expect(read('{} ** 400', 10)).toEqual({ value_raw: 10 })
})

test.each([
  ['2 * {}', 'abc'],
  ['1 / {}', 0],
  ['sqrt({})', -1],
  [{ on: 1 }, 'off'],
  [{ on: 1 }, 'toString'],
] as const)('%j of %j is a 304 that carries the raw value', (calibration, raw) => {
  expect(() => read(calibration, raw)).toThrow(expect.objectContaining({ retcode: 304, payload: { value_raw: raw } }) as Error)
})

test('a table goes by the text of the raw value', () => {
  const table = { '4': 'four', true: 'yes', on: 1 }
  expect([4, true, ' on '].map((raw) => read(table, raw).value_cal)).toEqual(['four', 'yes', 1])
  expect(() => read(table, 5)).toThrow("raw value <'5'> not in cal dict")
})

test.each(['2 *', 'require("fs")', '{}.x', 7, ['a']])('%j is no calibration', (calibration) => {
  expect(() => compileCalibration('calibration', 'foo', calibration as Calibration)).toThrow(
    expect.objectContaining({ code: 'RIPEN_CONFIGURATION' }) as Error,
  )
})
