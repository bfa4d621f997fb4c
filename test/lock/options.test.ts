import { expect, test } from 'vitest'
import { TreeLock, type LockOptions } from '@ripen/store'
import { acquireLock } from '../../packages/store/src/lock/index.ts'
import { testStore } from '../support/test-store.ts'
import { expectNothingLeft } from './lock-setup.ts'

const refused: [option: string, value: unknown][] = [
  ['owner', ''],
  ['owner', 'a\u0002b'],
  ['owner', 'a\nb'],
  ['owner', 'é'.repeat(129)],
  ['owner', 7],
  ['timeout', '1 fortnight'],
  ['timeout', Number.POSITIVE_INFINITY],
  ['expires', 0],
  ['expires', '99 ms'],
  ['renew', 'no'],
  ['signal', new AbortController()],
]

test.for(refused)('the option %s refuses %o, before anything is written', async ([option, value]) => {
  const store = testStore()
  const error = { code: 'RIPEN_CONFIGURATION', option }
  const options = { [option]: value } as LockOptions
  expect(() => new TreeLock(store, 'a', options)).toThrow(expect.objectContaining(error))
  await expect(acquireLock(store, ['a'], options)).rejects.toMatchObject(error)
  await expectNothingLeft(store)
})

test('an unknown option is refused with the near one', () => {
  const options = { expire: 1_000 } as LockOptions
  expect(() => new TreeLock(testStore(), 'a', options)).toThrow("expire: is not an option of LockOptions, did you mean 'expires'?")
})

test('RD-21: bad paths are refused', () => {
  for (const path of ['', '.a', 'a.', 'a..b', ['a', ''], ['a.b'], ['a\u0001']])
    expect(() => new TreeLock(testStore(), path)).toThrow(expect.objectContaining({ code: 'RIPEN_PATH' }))
  expect(() => new TreeLock(testStore(), 7 as unknown as string)).toThrow(expect.objectContaining({ code: 'RIPEN_PATH' }))
})

test('RD-22: owners are explicit, any text that keeps the rule; there is no token to take apart', async () => {
  const store = testStore()
  for (const owner of ['1:2:3', '1:2', 'é'.repeat(128), ' ']) {
    await using lease = await new TreeLock(store, 'a', { owner }).acquire()
    expect(lease.owner).toBe(owner)
  }
  await using lease = await new TreeLock(store, 'a').acquire()
  expect(lease.owner).toMatch(/^.+:\d+:[0-9a-f-]{36}$/)
})

test('extend refuses what is no duration of at least 100 ms', async () => {
  const store = testStore()
  await using lease = await new TreeLock(store, 'a').acquire()
  for (const ttl of [0, 99, Number.NaN, -1, '1 fortnight' as unknown as number])
    await expect(lease.extend(ttl)).rejects.toMatchObject({ code: 'RIPEN_CONFIGURATION', option: 'ttl' })
  expect(lease.signal.aborted).toBe(false)
})

test('locks of a named database are its own, and so are the messages about them', async () => {
  const store = testStore(undefined, { names: { two: 2 } })
  const two = await store.database('two')
  await using _lease = await new TreeLock(store, 'a').acquire()
  const lease = await new TreeLock(two, 'a', { timeout: 0 }).acquire()
  const start = performance.now()
  const waiter = new TreeLock(two, 'a').acquire()
  await lease.release()
  await (await waiter).release()
  expect(performance.now() - start).toBeLessThan(900)
})
