import { describe, expect, test } from 'vitest'
import { parseJobOptions } from '../job/job-options.ts'
import { OptionSets } from './option-sets.ts'

const usual = { attempts: 3, backoff: { type: 'exponential', delay: '2 s' }, retain: { completed: false } }

function setsOver(defaults: object = {}): OptionSets {
  return new OptionSets('mail', parseJobOptions(defaults))
}

test('jobs with the same options share a set, whatever else is given to each', () => {
  const sets = setsOver()
  const { set, own } = sets.of(structuredClone(usual), undefined)
  expect(own).toBeUndefined()
  expect(set.stored).toEqual({
    attempts: 3,
    backoff: { type: 'exponential', delay: 2_000, factor: 2, max: 3_600_000, jitter: 0 },
    retain: { completed: false },
  })
  expect(set.rowHead).toBe(`:0:mail\n${JSON.stringify(set.stored)}\n`)
  expect(sets.of(structuredClone(usual), 7).set).toBe(set)
  const other = sets.of({ ...usual, id: 'mine', delay: '1 s', priority: 4, unique: 'key', timeout: undefined }, undefined)
  expect(other.set).toBe(set)
  expect(other.own).toEqual({ id: 'mine', delay: 1_000, priority: 4, unique: { key: 'key', during: 'unfinished', onConflict: 'keep' } })
})

test.for<readonly [object, object]>([
  [{ attempts: 3 }, { attempts: 30 }],
  [{ timeout: 5 }, { timeout: '5' }],
  [{ timeout: '5 s' }, { timeout: '5 m' }],
  [{ backoff: { type: 'fixed', delay: 5 } }, { backoff: { type: 'linear', delay: 5 } }],
  [{ backoff: { type: 'fixed', delay: 5, max: 6 } }, { backoff: { type: 'fixed', delay: 5 }, max: 6 }],
  [{ retain: { completed: false } }, { retain: { failed: false } }],
  [{ retain: { completed: 0 } }, { retain: { completed: false } }],
  [{ expiresIn: '1 s' }, { timeout: '1 s' }],
])('%j and %j are told apart', ([one, other]) => {
  const sets = setsOver()
  const known = sets.of(one, undefined).set
  let found: unknown
  try {
    found = sets.of(other, undefined).set.stored
  } catch (error) {
    found = error
  }
  expect(found).not.toEqual(known.stored)
})

test.for<unknown>([
  { attempts: 0 },
  { attempts: '3' },
  { attempt: 3 },
  { timeout: '5 s;attempts=3' },
  { backoff: { type: 'fixed', delay: '1 s', 'delay"2 s";max': 3 } },
  { delay: 5, runAt: 7 },
  { priority: 9_999 },
  { id: '' },
  { unique: '' },
  'exponential',
  [],
  7,
])('%j is refused each time, as it is without a memory', (given) => {
  const sets = setsOver()
  sets.of({ timeout: '5 s', attempts: 3 }, undefined)
  const refusal = (): unknown => {
    try {
      return sets.of(given, 3)
    } catch (error) {
      return error
    }
  }
  expect(refusal()).toMatchObject({ code: 'RIPEN_CONFIGURATION', message: expect.stringContaining('jobs[3].options') })
  expect(refusal()).toEqual(refusal())
})

describe('what is read once counts', () => {
  test('a getter that answers something else each time spoils no set', () => {
    let reads = 0
    const sets = setsOver()
    const restless = { get attempts() { return ++reads } } // prettier-ignore
    for (let round = 0; round < 5; round++) sets.of(restless, undefined)
    for (let attempts = 1; attempts < 30; attempts++) expect(sets.of({ attempts }, undefined).set.stored).toEqual({ attempts })
  })

  test('options of a class are read as they are, and shared by nobody', () => {
    class Options {
      get attempts(): number {
        return 4
      }
    }
    const sets = setsOver()
    expect(sets.of(new Options(), undefined).set.stored).toEqual({ attempts: 4 })
    expect(sets.of(new Options(), undefined).set).not.toBe(sets.of(new Options(), undefined).set)
  })

  test('nobody can change a set by the options of a job', () => {
    const { stored } = setsOver().of(structuredClone(usual), undefined).set
    expect(() => ((stored as { attempts: number }).attempts = 1)).toThrow(TypeError)
    expect(() => ((stored.backoff as { delay: number }).delay = 1)).toThrow(TypeError)
  })
})

test('defaults are under what is given, and a point in time lifts a default delay', () => {
  const sets = setsOver({ attempts: 3, delay: 5, priority: 2, timeout: '1 s' })
  expect(sets.usual.own).toEqual({ delay: 5, priority: 2 })
  expect(sets.of({ attempts: 4 }, undefined)).toMatchObject({
    set: { stored: { attempts: 4, timeout: 1_000 } },
    own: { delay: 5, priority: 2 },
  })
  expect(sets.of({ runAt: 9 }, undefined).own).toEqual({ runAt: 9, priority: 2 })
  expect(sets.of({ priority: 0 }, undefined).own).toEqual({ delay: 5, priority: 0 })
})

test('the memory of sets is bounded', () => {
  const sets = setsOver()
  for (let timeout = 1; timeout <= 3_000; timeout++) sets.of({ timeout }, undefined)
  expect(sets.of({ timeout: 1 }, undefined).set).toBe(sets.of({ timeout: 1 }, undefined).set)
  expect(sets.of({ timeout: 3_000 }, undefined).set).not.toBe(sets.of({ timeout: 3_000 }, undefined).set)
})
