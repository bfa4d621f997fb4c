import { Queue, type QueueDefinition } from '@ripen/queue'
import { extendScript, Shard } from '@ripen/queue/internal'
import type { Store } from '@ripen/store'
import type { HeldJob } from '../../packages/worker/src/run/held-job.ts'
import { Settler, type Settled } from '../../packages/worker/src/shard/settler.ts'
import { Ticker } from '../../packages/worker/src/features/ticker.ts'
import type { TakenLease } from './model.ts'
import type { WorkerTerms } from './settle-steps.ts'

/**
 * A job that a worker was given, whether or not it still holds it, and the last progress that the worker told
 * of.
 */
export interface Held {
  readonly job: HeldJob
  progress?: string
}

/**
 * A process that adds, steers and works, on connections of its own. Its worker does what it is told, and
 * nothing by itself.
 */
export class Client {
  readonly queue: Queue
  readonly shard: Shard
  readonly terms: WorkerTerms
  readonly #held = new Map<string, Held>()
  readonly #abort = new AbortController()
  #worker = ''
  #settler: Settler | undefined
  #ticker: Ticker | undefined
  /** Of schedules that were due, last first. */
  readonly #told: { readonly due: readonly string[]; readonly now: number }[] = []

  constructor(store: Store, definition: QueueDefinition<any>, terms: WorkerTerms) {
    this.queue = new Queue(definition, { store })
    this.shard = new Shard(store, definition.name, definition.settings)
    this.terms = terms
  }

  /** The name of its worker. */
  get worker(): string {
    return this.#worker
  }

  get settler(): Settler {
    if (this.#settler === undefined) throw new Error('the client has no worker yet')
    return this.#settler
  }

  /**
   * A new worker takes the place of the one before; its heartbeat is the caller's business. Answers its name.
   */
  async employ(): Promise<string> {
    const session = await this.shard.openSession()
    this.#worker = session.name
    this.#settler = new Settler({ shard: this.shard, index: 0, session, options: this.terms, signal: this.#abort.signal })
    this.#ticker = new Ticker({
      shard: this.shard,
      order: session.order,
      signal: this.#abort.signal,
      wrong: (error) => {
        throw error
      },
    })
    return session.name
  }

  heartbeat(): Promise<[now: string, late: number, paused: number, cancels: string[]]> {
    return this.shard.script(extendScript, { id: this.#worker, lease: this.terms.lease, about: '{}' })
  }

  hear({ reports, now }: Pick<Settled, 'reports' | 'now'>): void {
    const due = reports.get('schedules') ?? []
    if (due.length > 0) this.#told.unshift({ due, now })
  }

  /** @param back 0: what it was told last. */
  async tick(back: number): Promise<void> {
    const { due, now } = this.#told[back] ?? { due: [], now: 0 }
    await this.#ticker?.tick(due, now)
  }

  receive(jobs: readonly HeldJob[]): void {
    for (const job of jobs) this.#held.set(`${job.id} ${job.fence}`, { job })
  }

  /** What one of its workers was given. */
  given({ id, fence }: TakenLease): Held {
    const held = this.#held.get(`${id} ${fence}`)
    if (held === undefined) throw new Error(`the client was never given ${id} with fence ${fence}`)
    return held
  }
}
