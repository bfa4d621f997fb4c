import { ClosingError, ConnectionError, DurabilityError, EnqueueTimeoutError, RipenError } from '@ripen/store'
import { describeError, isOutage, type Clock, type Replicated, type Replication } from '@ripen/store/internal'
import type { Composition, FeatureName } from '../features/composition.ts'
import { noExtras, type Extras } from '../features/extras.ts'
import { GeneratedIds, singleId } from './generated-ids.ts'
import { forgetRenewal, Lanes, renewalOf, type Lane } from '../shard/lanes.ts'
import { addScript, openScript } from '../scripts.generated.ts'
import type { Session, Shard } from '../shard/shard.ts'

/** A job on its way to the server. */
export interface PendingJob {
  /** `''`: to be generated. */
  id: string
  readonly job: {
    readonly row: string
    /** `''`: at once; `'+ms'` from now; or epoch ms. */
    readonly due: string
    /** What features add to it. */
    readonly extras: Extras
    /** Its row says all: it is ready at once, has priority 0, and none of the above. */
    readonly plain: boolean
  }
  /** When it was pushed, on the clock of the store; the adder sets it. */
  since: number
  /**
   * @param now when, by the server's clock.
   * @param duplicateOf the id of the job that stays in its stead.
   * @param blocked whether it waits for another one of its key.
   */
  added(now: number, duplicateOf: string | undefined, blocked: boolean): void
  failed(error: RipenError): void
}

/** A batch is at most this many jobs, and this many characters of rows. */
const batchJobs = 500
/** More than twice this many jobs go in two calls, so that the server works on one while the other is written. */
const halfBatch = 125
const batchCharacters = 2 ** 20
/** Rows of more characters may have more than 8 KiB: the server is told how long they are, so that it hands out fewer at a time. */
const shortRow = 2_730

/**
 * Turns adds into calls: what is added in one tick travels together, at most four batches are under way. Each batch goes through a lane, so that a batch sent again is not applied twice.
 * With a `durability` its jobs are confirmed once replicas have them.
 */
export class Adder {
  readonly #shard: Shard
  readonly #clock: Clock
  readonly #durability: Replication | undefined
  readonly #ids = new GeneratedIds()
  readonly #lanes: Lanes
  #pending: PendingJob[] = []
  #opening = false
  #scheduled = false
  /** When the first add of this tick came. */
  #tick = 0
  /** The longest row of the batch that was put together last, in bytes; 0 when all are short. */
  #longest = 0
  #closed = false

  constructor(shard: Shard, durability?: Replication) {
    this.#shard = shard
    this.#clock = shard.store.clock
    this.#durability = durability
    this.#lanes = new Lanes((budget) => this.#openSession(budget))
  }

  push(job: PendingJob): void {
    if (this.#closed) return job.failed(new ClosingError('the queue'))
    this.#pending.push(job)
    if (!this.#scheduled) this.#schedule()
    job.since = this.#tick
  }

  #schedule(): void {
    this.#scheduled = true
    this.#tick = this.#clock.now()
    queueMicrotask(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** Refuses what comes, and fails what was not sent yet. */
  close(): void {
    this.#closed = true
    for (const job of this.#pending) job.failed(new ClosingError('the queue'))
    this.#pending = []
  }

  #flush(): void {
    while (this.#pending.length > 0) {
      if (!this.#lanes.isOpen) return this.#open()
      const lane = this.#lanes.take()
      if (lane === undefined) return
      void this.#send(lane, this.#nextBatch()).then(() => this.#flush())
    }
  }

  #open(): void {
    if (this.#opening) return
    this.#opening = true
    const budget = this.#remaining(this.#pending)
    this.#lanes.open(budget).then(
      () => {
        this.#opening = false
        this.#flush()
      },
      (error: unknown) => {
        this.#opening = false
        const jobs = this.#pending
        this.#pending = []
        for (const job of jobs) {
          // Each add waits for its own time.
          if (isOutage(error) && this.#remaining([job]) > 1) this.#pending.push(job)
          else job.failed(this.#failure(job, error))
        }
        this.#flush()
      },
    )
  }

  async #openSession(budget: number): Promise<Session> {
    await this.#shard.require([openScript, addScript], [], { budget })
    const session = await this.#shard.openSession({ budget })
    this.#shard.checkScorer(session.order)
    return session
  }

  #nextBatch(): PendingJob[] {
    const first = this.#pending[0]?.since ?? 0
    const spread = this.#shard.store.options.enqueueTimeout / 10
    const most = this.#pending.length > 2 * halfBatch ? Math.min(batchJobs, Math.ceil(this.#pending.length / 2)) : batchJobs
    let characters = 0
    let count = 0
    this.#longest = 0
    while (count < this.#pending.length && count < most) {
      const job = this.#pending[count] as PendingJob
      const { row } = job.job
      characters += row.length
      // In an outage adds of many moments gather; a batch has one deadline, so it takes what came at about one time.
      if (count > 0 && (characters > batchCharacters || job.since - first > spread)) break
      if (row.length > shortRow) this.#longest = Math.max(this.#longest, Buffer.byteLength(row))
      count++
    }
    if (count === this.#pending.length) {
      const all = this.#pending
      this.#pending = []
      return all
    }
    return this.#pending.splice(0, count)
  }

  async #send(lane: Lane, batch: PendingJob[]): Promise<void> {
    const { order } = lane.session
    let others = batch.filter(({ job }) => !job.plain)
    const anyNamed = others.some(({ id }) => id !== '')
    const used = new Set(others.flatMap(({ job }) => (job.extras === noExtras ? [] : (Object.keys(job.extras) as FeatureName[]))))
    const longest = this.#longest === 0 ? '' : this.#longest
    const { prefix, counter } = this.#ids.reserve(batch.length)
    const rows: string[] = []
    // In order: with one among them that could run now and needs more than its row, all go the longer way; and always where they are ranked by deadline.
    if (anyNamed || used.size > 0 || order === 'deadline') others = batch
    else
      for (const pending of batch) {
        if (!pending.job.plain) continue
        pending.id = this.#ids.next()
        rows.push(pending.job.row)
      }
    const plain = rows.length
    const named = anyNamed ? others.map(({ id }) => (id === '' ? '0' : '1')).join('') : ''
    for (const pending of others) if (pending.id === '') pending.id = this.#ids.next()
    const number = ++lane.number
    const renew = renewalOf(lane, this.#clock)
    try {
      // Only what a unique add replaces may be watched by somebody.
      const channel = used.has('unique') ? this.#shard.channels.news : ''
      const values = { order, lane: lane.name, number, renew, named, channel, prefix, counter, longest, plain }
      const bounds = { budget: this.#remaining(batch) }
      if (this.#durability === undefined) {
        const answer = await this.#shard.composed(used, (composition) =>
          this.#shard.script(composition.script(addScript), values, recordsOf(composition, rows, others), bounds),
        )
        if (answer === '') return this.#takeBack(lane, batch, named)
        tellAdded(batch, answer)
      } else {
        const durability = this.#durability
        const answer = await this.#shard.composed(used, (composition) =>
          this.#shard.replicatedScript(composition.script(addScript), values, recordsOf(composition, rows, others), durability, bounds),
        )
        if (answer.reply === '') return this.#takeBack(lane, batch, named)
        tellReplicated(batch, answer, this.#durability)
      }
      this.#lanes.release(lane)
    } catch (error) {
      // An unanswered call may still be applied, by a connection that is slow to die: its lane must not be used again.
      if (isOutage(error)) this.#lanes.giveUp(lane)
      else {
        forgetRenewal(lane)
        this.#lanes.release(lane)
      }
      for (const job of batch) job.failed(this.#failure(job, error))
    }
  }

  /** The queue has ended in a long rest, with its order and its retention, and the batch was not applied: it goes again, through a new session. */
  #takeBack(lane: Lane, batch: PendingJob[], named: string): void {
    this.#lanes.giveUp(lane)
    // Only ids that were given go as such.
    for (const [i, job] of batch.entries()) if (named[i] !== '1') job.id = ''
    if (!this.#closed) this.#pending = [...batch, ...this.#pending]
    else for (const job of batch) job.failed(new ClosingError('the queue'))
  }

  /** ms until the first of these jobs has waited for `enqueueTimeout`. */
  #remaining(jobs: readonly PendingJob[]): number {
    const since = jobs[0]?.since ?? this.#clock.now()
    return Math.max(1, this.#shard.store.options.enqueueTimeout - (this.#clock.now() - since))
  }

  #failure(job: PendingJob, error: unknown): RipenError {
    // Never sent, so any id of the generated form will do to add it again.
    if (job.id === '') job.id = singleId()
    if (isOutage(error)) return new EnqueueTimeoutError(job.id, this.#shard.store.options.enqueueTimeout, error)
    return error instanceof RipenError ? error : new ConnectionError(describeError(error).message, error)
  }
}

/** What the script reads: rows of plain jobs, and a record of each other one. */
function recordsOf(composition: Composition, rows: readonly string[], others: readonly PendingJob[]): readonly string[] {
  if (others.length === 0) return rows
  const records = [...rows]
  for (const { id, job } of others) {
    records.push(id, job.row, job.due)
    for (const name of composition.recorded) records.push(job.extras[name] ?? '')
  }
  return records
}

/** @param answer of the script: when, whose place another one has, who is blocked, and the ids of those others. */
function tellAdded(batch: readonly PendingJob[], answer: string): void {
  const [head = '', ...stays] = answer.split('\n')
  const [now, duplicates, blocked] = head.split(' ')
  const added = Number(now)
  const others = duplicates === '' ? undefined : new Map(positions(duplicates).map((at, index) => [at, stays[index]]))
  const waiting = blocked === '' ? undefined : new Set(positions(blocked))
  // Counted among those that went the longer way: only a batch that went it as a whole can have any.
  let position = 0
  for (const pending of batch) {
    position++
    pending.added(added, others?.get(position), waiting?.has(position) ?? false)
  }
}

function positions(list = ''): number[] {
  return list === '' ? [] : list.split(',').map(Number)
}

function tellReplicated(
  batch: readonly PendingJob[],
  { reply, confirmed, cause }: Replicated<string>,
  { replicas, timeout }: Replication,
): void {
  if (confirmed) tellAdded(batch, reply)
  else for (const pending of batch) pending.failed(new DurabilityError(pending.id, replicas, timeout, cause))
}
