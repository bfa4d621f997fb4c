import { expect, test } from 'vitest'
import { timeZone } from './time-zone.ts'

test('all names of a zone, however they are written, share one object', () => {
  const zone = timeZone('Asia/Kolkata')
  expect(zone).toBeDefined()
  for (const name of ['Asia/Calcutta', 'asia/kolkata', 'ASIA/CALCUTTA']) expect(timeZone(name)).toBe(zone)
  expect(timeZone('UTC')?.offsetAt(0)).toBe(0)
})

test.each(['+02:00', '', 'No/Where', 'E'.repeat(5_000_000)])('%.20s is none', (name) => {
  expect(timeZone(name)).toBeUndefined()
})
