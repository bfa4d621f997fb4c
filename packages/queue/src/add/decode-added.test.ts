import { expect, test } from 'vitest'
import { decodeAdded } from './decode-added.ts'

test('an answer says when, which jobs stay in the stead of others, and which are blocked', () => {
  expect(decodeAdded('1700000000000  ')).toEqual({ now: 1_700_000_000_000, survivors: new Map(), blocked: new Set() })
  expect(decodeAdded('1700000000000 1,3 2\nmine\nwith a blank')).toEqual({
    now: 1_700_000_000_000,
    survivors: new Map([
      [0, 'mine'],
      [2, 'with a blank'],
    ]),
    blocked: new Set([1]),
  })
})
