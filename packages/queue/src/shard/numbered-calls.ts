import { ClosingError, ConnectionError } from '@ripen/store'
import { isOutage, type Script, type ScriptArgument } from '@ripen/store/internal'
import type { ShardKeys } from './keys.ts'
import { Lanes, type Lane, type LaneValues } from './lanes.ts'
import type { Shard } from './shard.ts'

/** How many calls may be under way. More wait for their turn. */
const mostLanes = 64
/** The answer of a script if the queue has expired while at rest: see numbered.lua. */
const notOpened = -1

/** Sent with each numbered call, besides its own values. */
type OfLane = 'offset' | keyof LaneValues
type Values<Argument extends string> = Readonly<Record<Exclude<Argument, OfLane>, ScriptArgument>>
type AllValues<Argument extends string> = Readonly<Record<Exclude<Argument, 'offset'>, ScriptArgument>>

/** A call that waits for a lane. */
interface Waiting {
  readonly take: (lane: Lane | undefined) => void
  readonly fail: (error: unknown) => void
}

/**
 * Calls that change a queue by hand. Each goes through a lane, as adds do: an answer that was lost is
 * repeated, and a copy that comes late changes nothing.
 *
 * The lane of a call that ended without an answer is the next to be used: the number of that next call keeps
 * out the call that was given up, should it still arrive.
 */
export class NumberedCalls {
  readonly #shard: Shard
  readonly #lanes: Lanes
  readonly #waiting = new Set<Waiting>()
  readonly #closed = new AbortController()

  constructor(shard: Shard) {
    this.#shard = shard
    const { signal } = this.#closed
    this.#lanes = new Lanes((budget) => shard.openSession({ budget, signal }), mostLanes)
  }

  /**
   * @throws ConnectionError when no answer came within `enqueueTimeout`, in which a lane has to come free
   *   too; ClosingError when the queue closes before the call is sent.
   */
  async call<Key extends keyof ShardKeys, Argument extends string>(
    script: Script<Key, Argument, number>,
    values: Values<Argument>,
    rest?: readonly ScriptArgument[],
  ): Promise<number> {
    const { clock, options } = this.#shard.store
    const since = clock.now()
    const left = (): number => Math.max(1, options.enqueueTimeout - (clock.now() - since))
    for (;;) {
      const lane = await this.#free(left)
      const given = { ...values, ...lane.nextCall(clock) }
      let failed = true
      try {
        const answer = await this.#shard.script(script, given as unknown as AllValues<Argument>, rest, { budget: left() })
        failed = false
        if (answer !== notOpened) return answer
        this.#lanes.giveUp(lane)
      } finally {
        this.#release(lane, failed)
      }
    }
  }

  /** Ends what waits for a lane, and refuses what comes. */
  close(): void {
    const error = new ClosingError('the queue')
    this.#closed.abort(error)
    for (const { fail } of this.#waiting) fail(error)
    this.#waiting.clear()
  }

  async #free(left: () => number): Promise<Lane> {
    for (;;) {
      this.#closed.signal.throwIfAborted()
      const lane = this.#lanes.take() ?? (this.#lanes.isOpen ? await this.#turn(left()) : await this.#open(left))
      if (lane !== undefined) return lane
    }
  }

  async #open(left: () => number): Promise<undefined> {
    try {
      await this.#lanes.open(left())
    } catch (error) {
      // It had the time of the call that came first; each waits for its own.
      if (!isOutage(error) || left() <= 1) throw error
    }
  }

  #turn(budget: number): Promise<Lane | undefined> {
    let waiting!: Waiting
    const turn = new Promise<Lane | undefined>((take, fail) => (waiting = { take, fail }))
    this.#waiting.add(waiting)
    const { caller, clock, options } = this.#shard.store
    const callOff = clock.after(budget, () => {
      this.#waiting.delete(waiting)
      waiting.fail(
        new ConnectionError(`not sent within ${options.enqueueTimeout} ms: ${mostLanes} other calls were under way`, caller.trouble),
      )
    })
    return turn.finally(callOff)
  }

  /**
   * The lane goes to the call that has waited longest; with a session that was given up, all that wait look
   * for another.
   */
  #release(lane: Lane, failed: boolean): void {
    if (failed) lane.forgetRenewal()
    const current = this.#lanes.has(lane)
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting)
      waiting.take(current ? lane : undefined)
      if (current) return
    }
    this.#lanes.release(lane)
  }
}
