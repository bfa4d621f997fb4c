import type { Client } from '@ripen/store/internal'
import { expect, onTestFinished, test } from 'vitest'
import { Heart } from './heart.ts'
import { pulseLength, type Beat, type BeatFailed, type StartBeating } from './heartbeat-messages.ts'

test('a first heartbeat that failed is tried again at once, not a second later', async () => {
  const tries: number[] = []
  const told: (Beat | BeatFailed)[] = []
  let enough!: () => void
  const four = new Promise<void>((resolve) => (enough = resolve))
  const sendCommand = async (): Promise<never> => {
    if (tries.push(performance.now()) === 4) enough()
    throw new Error('NOSCRIPT not, but some other reason')
  }
  const pulse = new Float64Array(pulseLength)
  const turning = setInterval(() => (pulse[0] = (pulse[0] ?? 0) + 1), 10)
  const keys = { workers: 'w', worker: 'i', cancels: 'c', sessions: 's', expiry: 'e', readded: 'r', unique: 'u', leases: 'l', meta: 'm' }
  const start: StartBeating = {
    type: 'start',
    heart: 7,
    worker: 'some',
    target: { topology: 'standalone', url: '', options: {} },
    keys,
    lease: 30_000,
    maxBlocked: 30_000,
    about: '',
    pulse,
  }
  const heart = new Heart(start, { status: 'ready', sendCommand } as unknown as Client, (message) => told.push(message))
  onTestFinished(() => {
    clearInterval(turning)
    heart.stop()
  })
  await four
  expect((tries[3] as number) - (tries[0] as number)).toBeLessThan(900)
  expect(told[0]).toMatchObject({ type: 'failed', heart: 7 })
})
