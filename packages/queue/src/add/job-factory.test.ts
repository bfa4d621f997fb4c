import { describe, expect, test } from 'vitest'
import { job } from '../job/job-definition.ts'
import { defineQueue } from '../queue-definition.ts'
import { JobFactory } from './job-factory.ts'
import type { PreparedJob } from './prepared-job.ts'

const accepts = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const

function throwing(): never {
  // oxlint-disable-next-line typescript/only-throw-error -- applications do
  throw 'a text'
}

describe('what a function of the application throws arrives as an Error', () => {
  test.for([
    ['id', { id: throwing }],
    ['unique', { unique: throwing }],
    ['id of checked data', { data: accepts, id: throwing }],
    ['unique of checked data', { data: accepts, unique: throwing }],
    ['a schema', { data: { '~standard': { ...accepts['~standard'], validate: throwing } } }],
  ])('%s', async ([, definition]) => {
    const factory = new JobFactory(defineQueue('work', { jobs: { some: job(definition as object) } }))
    const failed = await Promise.resolve()
      .then(() => factory.prepare('some', 1, undefined))
      .catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(Error)
    expect(failed).toMatchObject({ name: 'NonError', message: 'a text' })
  })

  test('a Scorer', () => {
    const factory = new JobFactory(defineQueue('work', { order: throwing }))
    expect(() => factory.prepare('some', 1, undefined)).toThrow(expect.objectContaining({ name: 'NonError', message: 'a text' }))
  })
})

test('data is written down before its schema is asked', async () => {
  const data = { step: 1 }
  const slow = { '~standard': { ...accepts['~standard'], validate: async (value: unknown) => ({ value }) } }
  const prepared = new JobFactory(defineQueue('work', { jobs: { some: job({ data: slow }) } })).prepare('some', data, undefined)
  data.step = 2
  expect((await prepared).row).toBe(':0:some\n\n{"step":1}')
})

test('a job is plain only when nothing is asked of it', () => {
  const plain = (settings: object, options?: object): boolean =>
    (new JobFactory(defineQueue('work', settings)).prepare('some', 1, options) as PreparedJob).plain
  expect(plain({})).toBe(true)
  expect(plain({}, { attempts: 3, priority: 0, delay: 0 })).toBe(true)
  expect(plain({ defaults: { attempts: 3 } })).toBe(true)
  expect(plain({ order: () => 0 })).toBe(false)
  for (const options of [{ id: 'mine' }, { delay: 1 }, { runAt: 1 }, { priority: 1 }, { unique: 'key' }, { expiresIn: 1 }])
    expect(plain({}, options)).toBe(false)
})

test('options make the same row in whatever order they are given', () => {
  const factory = new JobFactory(defineQueue('work'))
  const options = { attempts: 3, timeout: '1 s', delay: 5, meta: { from: 'here' }, unique: 'key', priority: 2 }
  const rowOf = (given: object): string => (factory.prepare('some', 1, given) as PreparedJob).row
  expect(rowOf(Object.fromEntries(Object.entries(options).toReversed()))).toBe(rowOf(options))
})
