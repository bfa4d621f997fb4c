import { expect, test } from 'vitest'
import { until, within } from './deadline.ts'
import { MovableClock } from './movable-clock.ts'

test('stands still, and when it is moved runs what is due, each at its time and in order', async () => {
  const clock = new MovableClock()
  const told: string[] = []
  const tell = (what: string) => () => void told.push(`${what} ${clock.now()}`)
  clock.after(300, tell('late'))
  clock.every(100, tell('each'))
  clock.after(100, tell('second'))
  clock.after(Number.POSITIVE_INFINITY, tell('never'))
  clock.after(250, () => void clock.after(20, tell('set by another')))
  await clock.advance(99)
  expect(told).toEqual([])
  await clock.advance(201)
  expect(told).toEqual(['each 100', 'second 100', 'each 200', 'set by another 270', 'late 300', 'each 300'])
  expect([clock.now(), clock.waiting]).toEqual([300, 1])
})

test('what was called off does not run, not even by another that is due at the same time', async () => {
  const clock = new MovableClock()
  let calls = 0
  clock.after(10, () => callOff())
  const callOff = clock.after(10, () => calls++)
  const stop = clock.every(5, () => void (++calls === 1 && stop()))
  await clock.stall(20)
  await clock.advance(20)
  expect([calls, clock.waiting]).toEqual([1, 0])
})

test('between two timers promises go on: a loop that pauses runs through', async () => {
  const clock = new MovableClock()
  const times: number[] = []
  const loop = async (): Promise<void> => {
    while (times.length < 4) {
      await clock.pause(50)
      times.push(clock.now())
    }
  }
  const ended = loop()
  await clock.advance(1_000)
  await within(100, ended, 'the end of the loop')
  expect(times).toEqual([50, 100, 150, 200])
})

test('a pause of nothing does not keep it from moving on', async () => {
  const clock = new MovableClock()
  let calls = 0
  const again = (): void => {
    calls++
    clock.after(0, again)
  }
  clock.after(0, again)
  await clock.advance(5)
  expect(calls).toBe(5)
})

test('an event loop that stood still runs late what came due, and once', async () => {
  const clock = new MovableClock()
  const told: string[] = []
  clock.every(100, () => told.push(`each ${clock.now()}`))
  clock.after(250, () => told.push(`once ${clock.now()}`))
  await clock.stall(1_000)
  expect(told).toEqual(['each 1000', 'once 1000'])
  await clock.advance(100)
  expect(told).toEqual(['each 1000', 'once 1000', 'each 1100'])
})

test('one that runs goes on by itself, and further when it is moved', async () => {
  const clock = new MovableClock({ runs: true })
  const start = clock.now()
  let short = false
  let long = 0
  clock.after(20, () => (short = true))
  clock.every(60_000, () => long++)
  await until(() => short, 2_000, 'the timer of 20 ms')
  expect(long).toBe(0)
  await clock.advance(180_000)
  expect(long).toBe(3)
  expect(clock.now() - start).toBeGreaterThan(180_000)
})
