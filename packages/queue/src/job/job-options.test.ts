import { expect, test } from 'vitest'
import { mergeJobOptions, parseJobOptions } from './job-options.ts'

test('options lie over those under them, one by one', () => {
  const under = parseJobOptions({ attempts: 3, delay: '1 s', expiresIn: '1 m', unique: 'under', meta: { a: 'b' } })
  const over = parseJobOptions({ attempts: 5, unique: { key: 'over', during: 'waiting' } })
  expect(mergeJobOptions(over, under)).toEqual({
    ...under,
    attempts: 5,
    unique: { key: 'over', during: 'waiting', onConflict: 'keep' },
  })
})

test('a time lifts a delay under it, and a delay a time', () => {
  const [later, then] = [parseJobOptions({ delay: 5, priority: 1 }), parseJobOptions({ runAt: 7 })]
  expect(mergeJobOptions(then, later)).toMatchObject({ delay: undefined, runAt: 7, priority: 1 })
  expect(mergeJobOptions(later, then)).toMatchObject({ delay: 5, runAt: undefined, priority: 1 })
  expect(mergeJobOptions(parseJobOptions({}), later)).toEqual(later)
})
