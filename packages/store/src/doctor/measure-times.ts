import type { Redis } from 'ioredis'
import type { ServerFinding } from './server-report.ts'

/** How many times the server is asked. */
const rounds = 20
/** Slower than this, in ms, a round trip is most of what a short job costs. */
const slow = 100
/** A clock further off than this, in ms, moves what `runAt` means. */
const farOff = 1_000

/**
 * Round trips, and the difference of the clocks of this machine and the server, from {@link rounds} calls of
 * TIME, one after the other.
 */
export async function measureTimes(node: Redis): Promise<ServerFinding[]> {
  const trips: number[] = []
  let shortest = Number.POSITIVE_INFINITY
  let difference = 0
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const [seconds, microseconds] = await node.time()
    const trip = performance.now() - start
    trips.push(trip)
    // Half a round trip has passed since the server looked at its clock, give or take the other half
    // (Cristian, 1989): the shortest trip is the surest.
    if (trip >= shortest) continue
    shortest = trip
    difference = Date.now() - trip / 2 - (Number(seconds) * 1_000 + Number(microseconds) / 1_000)
  }
  return [judgeLatency(trips), judgeClock(difference, shortest / 2)]
}

/** @param trips ms of each round trip. */
export function judgeLatency(trips: readonly number[]): ServerFinding {
  const sorted = trips.toSorted((a, b) => a - b)
  // Nearest rank.
  const percentile = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0
  const [median, high, most] = [percentile(0.5), percentile(0.99), percentile(1)]
  const message = `round trips of ${median.toFixed(2)} ms (p50), ${high.toFixed(2)} ms (p99), ${most.toFixed(2)} ms (max) in ${sorted.length}`
  if (high < slow) return { level: 'ok', name: 'latency', message }
  return { level: 'warning', name: 'latency', message, remedy: 'Check SLOWLOG, the load of both machines and the network between them' }
}

/**
 * @param difference ms by which this machine's clock is ahead.
 * @param uncertainty ms that this may be off.
 */
export function judgeClock(difference: number, uncertainty: number): ServerFinding {
  const ahead = Math.round(difference)
  const message = `this machine's clock is ${Math.abs(ahead)} ms ${ahead < 0 ? 'behind' : 'ahead of'} the server's (give or take ${Math.ceil(uncertainty)} ms)`
  if (Math.abs(difference) - uncertainty < farOff) return { level: 'ok', name: 'clock', message }
  return {
    level: 'warning',
    name: 'clock',
    message: `${message}: times computed here for \`runAt\` are off by as much`,
    remedy: 'Synchronise the clocks (NTP), or use `delay`, which the server measures',
  }
}
