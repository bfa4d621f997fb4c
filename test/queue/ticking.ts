import type { Queue } from '@ripen/queue'
import { Shard } from '@ripen/queue/internal'
import { Settler, type Settled } from '../../packages/worker/src/shard/settler.ts'
import { Ticker } from '../../packages/worker/src/features/ticker.ts'

/** The two steps of a worker that ticks schedules, one at a time: it takes no jobs. */
export interface Ticking {
  /** What is due, at most 100 schedules. */
  readonly look: () => Promise<Settled>
  readonly tick: (settled: Settled) => Promise<boolean>
  /** What it has told of schedules that cannot be read. */
  readonly told: readonly Error[]
}

export async function ticking(queue: Queue<any>): Promise<Ticking> {
  const shard = new Shard(queue.store, queue.name, queue.definition.settings)
  const session = await shard.openSession()
  const { signal } = new AbortController()
  const settler = new Settler({ shard, index: 0, session, options: { lease: 5_000, suspectAt: 0 }, signal })
  const told: Error[] = []
  const ticker = new Ticker({ shard, order: session.order, signal, wrong: (error) => told.push(error) })
  return { told, look: () => settler.settle(0, [], 0, true), tick: (settled) => ticker.tick(dueIn(settled), settled.now) }
}

/** Id, next run and row of each schedule that is due. */
export function dueIn({ reports }: Settled): readonly string[] {
  return reports.get('schedules') ?? []
}

/** Ticks until nothing is due. */
export async function tickAll(queue: Queue<any>): Promise<void> {
  const { look, tick } = await ticking(queue)
  for (let settled = await look(); dueIn(settled).length > 0; settled = await look()) await tick(settled)
}
