import { expect, test } from 'vitest'
import { MovableClock } from '../../../../test/support/movable-clock.ts'
import type { RipenStore } from '../store.ts'
import type { Listener } from '../connection/subscriber.ts'
import { LockWaits } from './lock-waits.ts'

interface Fake {
  readonly clock: MovableClock
  /** ms until it was its turn. */
  readonly turn: (id: string, milliseconds: number, signal?: AbortSignal) => Promise<number>
  readonly waits: LockWaits
  readonly channels: string[]
  readonly tell: Listener
}

/** Waits of a store that has nothing but a subscription, which holds at once or, with `refuse`, never. */
function fake(refuse = false): Fake {
  const clock = new MovableClock()
  const channels: string[] = []
  let listener: Listener = () => undefined
  const store = {
    clock,
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
  const waits = new LockWaits(store)
  const turn = async (id: string, milliseconds: number, signal?: AbortSignal): Promise<number> => {
    const start = clock.now()
    await waits.turn(id, milliseconds, signal)
    return clock.now() - start
  }
  return { clock, turn, waits, channels, tell: (message) => listener(message) }
}

test('all waits share one subscription, and each looks again when it holds', async () => {
  const { waits, channels, turn } = fake()
  for (const id of ['a', 'b']) waits.enter(id)
  expect(await Promise.all([turn('a', 10_000), turn('b', 10_000)])).toEqual([0, 0])
  expect(channels).toEqual(['{p::locks}:wake:3'])
})

/** Waits whose subscription holds, and who have looked since. */
async function listening(...ids: string[]): Promise<Fake> {
  const all = fake()
  for (const id of ids) all.waits.enter(id)
  for (const id of ids) await all.waits.turn(id, 1, undefined)
  return all
}

test('a message wakes those it names; one that comes before the turn is not lost', async () => {
  const { clock, tell, turn } = await listening('a', 'b', 'c')
  tell('b x')
  expect(await turn('b', 10_000)).toBe(0)
  const [a, c] = [turn('a', 10_000), turn('c', 200)]
  await clock.advance(20)
  tell('a b')
  expect(await a).toBe(20)
  await clock.advance(1_000)
  expect(await c).toBe(200)
})

test('after a reconnect everybody looks', async () => {
  const { tell, turn } = await listening('a', 'b')
  const turns = [turn('a', 10_000), turn('b', 10_000)]
  tell(undefined)
  expect(await Promise.all(turns)).toEqual([0, 0])
})

test('without a subscription turns come by time, each at its own, and the next wait tries to subscribe again', async () => {
  const { clock, waits, channels, turn } = fake(true)
  for (const id of ['a', 'b', 'c']) waits.enter(id)
  const turns = Promise.all([turn('a', 150), turn('b', 50), turn('c', 100)])
  await clock.advance(1_000)
  expect(await turns).toEqual([150, 50, 100])
  expect(channels.length).toBe(1)
  void waits.turn('a', 1, undefined)
  expect(channels.length).toBe(2)
})

test('an abort ends the turn and takes its listener away', async () => {
  const { clock, waits, turn } = fake(true)
  waits.enter('a')
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
  signal.addEventListener = (...given: Parameters<typeof add>) => (listeners++, add(...given))
  signal.removeEventListener = (...given: Parameters<typeof remove>) => (listeners--, remove(...given))
  const first = waits.turn('a', 1, signal)
  await clock.advance(10)
  await first
  expect(listeners).toBe(0)
  const waiting = turn('a', 10_000, signal)
  controller.abort()
  expect(await waiting).toBe(0)
  expect(listeners).toBe(0)
  expect(await turn('a', 10_000, signal)).toBe(0)
  waits.leave('a')
  expect(await turn('a', 10_000)).toBe(0)
  expect(clock.waiting).toBe(0)
})
