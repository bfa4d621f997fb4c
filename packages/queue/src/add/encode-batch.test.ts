import { expect, test } from 'vitest'
import { Composition } from '../features/composition.ts'
import { defineQueue } from '../queue-definition.ts'
import type { QueueOrder } from '../queue-settings.ts'
import { encodeBatch, type EncodedBatch } from './encode-batch.ts'
import { JobFactory } from './job-factory.ts'
import type { PreparedJob } from './prepared-job.ts'

const factory = new JobFactory(defineQueue('work'))
const range = { prefix: '~0abcdefghi', counter: 0 }
const [first, second, third] = ['~0abcdefghi---', '~0abcdefghi--0', '~0abcdefghi--1']

/** Options of each job; `undefined` for a plain one. */
function batchOf(options: readonly object[], order: QueueOrder = 'fifo'): EncodedBatch {
  const jobs = options.map((given, i) => {
    const job = factory.prepare('some', i, Object.keys(given).length === 0 ? undefined : given) as PreparedJob
    return { job }
  })
  return encodeBatch(jobs, order, range)
}

function recordsOf({ records }: EncodedBatch, features = ''): readonly string[] {
  return typeof records === 'function' ? records(Composition.of(features)) : records
}

test('plain jobs are sent as rows alone, and their ids are those that the script counts', () => {
  const batch = batchOf([{}, {}, {}])
  expect(batch.ids).toEqual([first, second, third])
  expect(batch.values).toEqual({ ...range, named: '', plain: 3, longest: '' })
  expect(recordsOf(batch)).toEqual([':0:some\n\n0', ':0:some\n\n1', ':0:some\n\n2'])
})

test('others follow the plain ones as records, with the ids after theirs', () => {
  const batch = batchOf([{ delay: 5 }, {}, { priority: 2 }])
  expect(batch.ids).toEqual([second, first, third])
  expect(batch.values).toMatchObject({ named: '', plain: 1 })
  expect(recordsOf(batch)).toEqual([':0:some\n\n1', second, ':0:some\n{"delay":5}\n0', '+5', third, ':2:some\n\n2', ''])
})

test.for<readonly [string, object[], QueueOrder, object]>([
  ['with an id among them', [{}, { id: 'mine' }], 'fifo', { named: '01', plain: 0 }],
  ['with a unique key among them', [{}, { unique: 'key' }], 'fifo', { named: '', plain: 0 }],
  ['with an expiry among them', [{}, { expiresIn: 9 }], 'fifo', { named: '', plain: 0 }],
  ['in the order of deadlines', [{}, {}], 'deadline', { named: '', plain: 0 }],
])('%s, all are sent as records in the order in which they came', ([, options, order, values]) => {
  const batch = batchOf(options, order)
  expect(batch.values).toMatchObject(values)
  expect(recordsOf(batch).filter((_value, i) => i % 3 === 0)).toEqual(batch.ids)
  expect(batch.ids[0]).toBe(first)
})

test('a record has a value for each feature of the script that has one, and says which the jobs use', () => {
  const batch = batchOf([{ expiresIn: 9 }, { unique: { key: 'key', during: 'waiting' } }])
  expect([...batch.features]).toEqual(['expiry', 'unique'])
  const [id, row] = recordsOf(batch, 'expiry unique')
  expect(recordsOf(batch, 'expiry unique').slice(0, 5)).toEqual([id, row, '', '9', ''])
  expect(recordsOf(batch, 'expiry unique').slice(8)).toEqual(['', 'w k key'])
  expect(recordsOf(batch, 'expiry').length).toBe(8)
})

test('the longest row counts in bytes, once it may have more than 8 KiB', () => {
  const jobs = (data: string) => [{ job: factory.prepare('some', data, undefined) as PreparedJob }]
  expect(encodeBatch(jobs('x'.repeat(2_700)), 'fifo', range).values.longest).toBe('')
  expect(encodeBatch(jobs('€'.repeat(3_000)), 'fifo', range).values.longest).toBe(9_000 + ':0:some\n\n""'.length)
})

test('the same jobs make the same batch, and are not changed', () => {
  const jobs = [{}, { id: 'mine', delay: 7 }].map((options, i) => ({
    job: Object.freeze(factory.prepare('some', i, options) as PreparedJob),
  }))
  const [once, again] = [encodeBatch(jobs, 'fifo', range), encodeBatch(jobs, 'fifo', range)]
  expect(recordsOf(once)).toEqual(recordsOf(again))
  expect(once.ids).toEqual(again.ids)
  expect(once.values).toEqual(again.values)
})
