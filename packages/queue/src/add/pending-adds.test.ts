import { expect, test } from 'vitest'
import { PendingAdds, type PendingAdd } from './pending-adds.ts'
import { parseJobOptions } from '../job/job-options.ts'
import { OptionSets } from './option-sets.ts'
import { sharingJob } from './prepared-job.ts'

const { set } = new OptionSets('some', parseJobOptions({})).usual

function adds(count: number, row = 'row', since = 0): PendingAdd[] {
  return Array.from({ length: count }, (_value, i) => ({
    job: sharingJob('some', i, '', { ...set, rowHead: row }),
    since,
    resolve: () => undefined,
    reject: () => undefined,
  }))
}

function batchesOf(given: readonly PendingAdd[], spread = 500): PendingAdd[][] {
  const pending = new PendingAdds(spread)
  for (const add of given) pending.push(add)
  const batches: PendingAdd[][] = []
  while (pending.first !== undefined) batches.push([...pending.takeBatch()])
  expect(batches.flat()).toEqual(given)
  return batches
}

const sizes = (batches: PendingAdd[][]): number[] => batches.map(({ length }) => length)

test('up to 250 travel together, more in halves, at most 500 at once', () => {
  expect(sizes(batchesOf(adds(250)))).toEqual([250])
  expect(sizes(batchesOf(adds(400)))).toEqual([200, 200])
  expect(sizes(batchesOf(adds(1_300)))).toEqual([500, 400, 200, 200])
})

test('a batch has at most 1 MiB of rows, but one job at least', () => {
  expect(sizes(batchesOf(adds(3, 'x'.repeat(600_000))))).toEqual([1, 1, 1])
  expect(sizes(batchesOf(adds(2, 'x'.repeat(2 ** 21))))).toEqual([1, 1])
})

test('a batch has what came at about one time', () => {
  expect(sizes(batchesOf([...adds(2), ...adds(2, 'row', 500), ...adds(2, 'row', 501)]))).toEqual([4, 2])
})

test('what is put back comes before the others', () => {
  const pending = new PendingAdds(500)
  const [early, late] = [adds(2), adds(1)]
  for (const add of early) pending.push(add)
  const taken = pending.takeBatch()
  for (const add of late) pending.push(add)
  pending.putBack(taken)
  expect(pending.takeAll()).toEqual([...early, ...late])
  expect(pending.first).toBeUndefined()
})
