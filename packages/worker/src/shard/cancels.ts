import { CancelledError } from '@ripen/store'
import type { Shard } from '@ripen/queue/internal'
import type { Outcome, Runner } from '../run/runner.ts'
import type { Slots } from '../slots.ts'

export interface CancelsParts {
  readonly shard: Shard
  readonly slots: Slots
  readonly runner: Runner
  /** A job that had not started has left. */
  readonly ended: (outcome: Outcome) => void
}

/** Cancels of this worker's jobs: told by a message at once, and by the heartbeat's answer should the message be lost. */
export class Cancels {
  readonly #shard: Shard
  readonly #slots: Slots
  readonly #runner: Runner
  readonly #ended: (outcome: Outcome) => void
  #stop: (() => void) | undefined
  #closed = false

  constructor({ shard, slots, runner, ended }: CancelsParts) {
    this.#shard = shard
    this.#slots = slots
    this.#runner = runner
    this.#ended = ended
  }

  async listen(): Promise<void> {
    const stop = await this.#shard.store.subscriber.listen(this.#shard.channels.cancels, (message) => {
      if (message === undefined) return
      const split = message.indexOf('\n')
      this.cancel(message.slice(0, split), message.slice(split + 1))
    })
    if (this.#closed) stop()
    else this.#stop = stop
  }

  /** @param row of `cancels`: retention, the end of the state row, a line end, the reason. */
  asked(id: string, row: string): void {
    this.cancel(id, row.slice(row.indexOf('\n') + 1))
  }

  /** Does nothing for a job that this worker does not hold. */
  cancel(id: string, reason: string): void {
    for (const attempt of this.#slots.running) {
      if (attempt.held.id === id) return attempt.abort(new CancelledError(id, reason), true)
    }
    const held = this.#slots.drop(id)
    if (held !== undefined) this.#ended(this.#runner.cancelled(held, new CancelledError(id, reason)))
  }

  close(): void {
    this.#closed = true
    this.#stop?.()
  }
}
