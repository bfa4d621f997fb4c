import { extendScript } from '@ripen/queue/internal'
// A heart beats in a thread of its own, which has no store: a test that moves the clock of a store does not
// hasten it.
// oxlint-disable-next-line eslint/no-restricted-imports
import { describeError, realClock, sendScript, untilReady, type Client } from '@ripen/store/internal'
import { beatInterval, pulseIndex, type Beat, type BeatFailed, type StartBeating } from './heartbeat-messages.ts'
import { monotonic } from './monotonic.ts'

/**
 * An event loop that stood still for this long, in ms, is blocked: it gives a sign every quarter of a second.
 */
const loopPause = 2_000
/** Between two tries of the first heartbeat, in ms: before it the worker takes nothing. */
const firstPause = 50
/** How many of them. After that they come as rarely as later ones. */
const firstTries = 20

/**
 * Speaks for one worker: in the heartbeat thread, or in the main one where that cannot connect as the user
 * asked for.
 */
export class Heart {
  readonly #start: StartBeating
  readonly #client: Client
  readonly #tell: (message: Beat | BeatFailed) => void
  #stopBeating: (() => void) | undefined
  #turns = -1
  /** When the main loop was last seen turning. */
  #seen = monotonic()
  #busy = false
  #spoken = false
  #stopped = false

  constructor(start: StartBeating, client: Client, tell: (message: Beat | BeatFailed) => void) {
    this.#start = start
    this.#client = client
    this.#tell = tell
    void this.#begin()
  }

  async #begin(): Promise<void> {
    for (let tries = 1; ; tries++) {
      await this.#beat()
      if (this.#stopped) return
      if (this.#spoken) break
      await realClock.pause(tries < firstTries ? firstPause : beatInterval(this.#start.lease), 'unref')
    }
    this.#stopBeating = realClock.every(beatInterval(this.#start.lease), () => void this.#beat(), 'unref')
  }

  stop(): void {
    this.#stopped = true
    this.#stopBeating?.()
  }

  async #beat(): Promise<void> {
    const { heart, worker, keys, lease, about, pulse } = this.#start
    if (this.#busy || this.#stopped || !this.#alive()) return
    this.#busy = true
    try {
      await untilReady(this.#client, (error) => this.#failed(error))
      const [, late, paused, cancels] = await sendScript(this.#client, extendScript, {
        keys,
        arguments: { offset: pulse[pulseIndex.clockOffset] ?? 0, id: worker, lease, about },
      })
      this.#spoken = true
      this.#tell({ type: 'beat', heart, late: late === 1, paused: paused === 1, cancels })
    } catch (error) {
      this.#failed(error)
    } finally {
      this.#busy = false
    }
  }

  #failed(error: unknown): void {
    this.#tell({ type: 'failed', heart: this.#start.heart, error: describeError(error).message })
  }

  /**
   * False once the main loop has stood still for `maxBlocked`, or stands still while a job is past its
   * timeout and grace.
   */
  #alive(): boolean {
    const { pulse, maxBlocked } = this.#start
    const now = monotonic()
    const turns = pulse[pulseIndex.turns] ?? 0
    if (turns !== this.#turns) {
      this.#turns = turns
      this.#seen = now
      return true
    }
    const blocked = now - this.#seen
    const deadline = pulse[pulseIndex.deadline] ?? 0
    return blocked < maxBlocked && !(deadline > 0 && now > deadline && blocked > loopPause)
  }
}
