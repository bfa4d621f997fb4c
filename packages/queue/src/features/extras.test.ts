import { expect, test } from 'vitest'
import { Composition } from './composition.ts'
import { extrasOf, noExtras } from './extras.ts'
import { jobFeatures } from './job-features.ts'

test('each feature whose scripts read a value of a job has an option that gives it', () => {
  expect(Object.values(jobFeatures).map(({ name }) => name)).toEqual(Composition.all.recorded)
})

test('a job has the values of the features whose options it has', () => {
  const unique = { key: 'mine', during: 5_000, onConflict: 'debounce' } as const
  expect(extrasOf({ expiresIn: 7, unique })).toEqual({ expiry: '7', unique: '5000 d mine' })
  expect(extrasOf({ unique: { key: 'a b', during: 'waiting', onConflict: 'keep' } })).toEqual({ unique: 'w k a b' })
  expect(extrasOf({})).toBe(noExtras)
})
