import { expect, test } from 'vitest'
import type { RipenStore } from '../store.ts'
import type { Listener } from '../subscriber.ts'
import { LockWaits } from './lock-waits.ts'

interface Fake {
  readonly waits: LockWaits
  readonly channels: string[]
  readonly tell: Listener
}

/** Waits of a store that has nothing but a subscription, which holds at once or, with `refuse`, never. */
function fake(refuse = false): Fake {
  const channels: string[] = []
  let listener: Listener = () => undefined
  const store = {
    options: { prefix: 'p' },
    selectedDatabase: 3,
    logger: { debug: () => undefined },
    subscriber: {
      listen: (channel: string, given: Listener) => {
        channels.push(channel)
        listener = given
        return refuse ? Promise.reject(new Error('refused')) : Promise.resolve(() => undefined)
      },
    },
  } as unknown as RipenStore
  return { waits: new LockWaits(store), channels, tell: (message) => listener(message) }
}

/** ms until it was its turn. */
async function turn(waits: LockWaits, id: string, milliseconds: number, signal?: AbortSignal): Promise<number> {
  const start = performance.now()
  await waits.turn(id, milliseconds, signal)
  return performance.now() - start
}

test('all waits share one subscription, and each looks again when it holds', async () => {
  const { waits, channels } = fake()
  for (const id of ['a', 'b']) waits.enter(id)
  const turns = await Promise.all([turn(waits, 'a', 10_000), turn(waits, 'b', 10_000)])
  expect(channels).toEqual(['{p::locks}:wake:3'])
  expect(Math.max(...turns)).toBeLessThan(1_000)
})

test('a message wakes those it names; one that comes before the turn is not lost', async () => {
  const { waits, tell } = fake()
  for (const id of ['a', 'b', 'c']) waits.enter(id)
  for (const id of ['a', 'b', 'c']) await waits.turn(id, 1, undefined)
  tell('b x')
  expect(await turn(waits, 'b', 10_000)).toBeLessThan(50)
  const [a, c] = [turn(waits, 'a', 10_000), turn(waits, 'c', 200)]
  tell('a b')
  expect(await a).toBeLessThan(50)
  expect(await c).toBeGreaterThanOrEqual(199)
})

test('after a reconnect everybody looks', async () => {
  const { waits, tell } = fake()
  for (const id of ['a', 'b']) waits.enter(id)
  for (const id of ['a', 'b']) await waits.turn(id, 1, undefined)
  const turns = [turn(waits, 'a', 10_000), turn(waits, 'b', 10_000)]
  tell(undefined)
  expect(Math.max(...(await Promise.all(turns)))).toBeLessThan(50)
})

test('without a subscription turns come by time, each at its own, and the next wait tries to subscribe again', async () => {
  const { waits, channels } = fake(true)
  for (const id of ['a', 'b', 'c']) waits.enter(id)
  const turns = await Promise.all([turn(waits, 'a', 150), turn(waits, 'b', 50), turn(waits, 'c', 100)])
  for (const [i, least] of [150, 50, 100].entries()) {
    expect(turns[i]).toBeGreaterThanOrEqual(least - 1)
    expect(turns[i]).toBeLessThan(least + 49)
  }
  expect(channels.length).toBe(1)
  await waits.turn('a', 1, undefined)
  expect(channels.length).toBe(2)
})

test('an abort ends the turn and takes its listener away', async () => {
  const { waits } = fake(true)
  waits.enter('a')
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
  signal.addEventListener = (...given: Parameters<typeof add>) => (listeners++, add(...given))
  signal.removeEventListener = (...given: Parameters<typeof remove>) => (listeners--, remove(...given))
  await waits.turn('a', 1, signal)
  expect(listeners).toBe(0)
  const waiting = turn(waits, 'a', 10_000, signal)
  controller.abort()
  expect(await waiting).toBeLessThan(1_000)
  expect(listeners).toBe(0)
  expect(await turn(waits, 'a', 10_000, signal)).toBeLessThan(50)
  waits.leave('a')
  expect(await turn(waits, 'a', 10_000)).toBeLessThan(50)
})
