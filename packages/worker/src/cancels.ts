import { CancelledError } from '@ripen/store'
import type { Shard } from '@ripen/queue/internal'
import type { Loop } from './loop.ts'
import type { Runner } from './runner.ts'

/** Cancels of this worker's jobs: told by a message at once, and by the heartbeat's answer should the message be lost. */
export class Cancels {
  readonly #shard: Shard
  readonly #loop: Loop
  readonly #runner: Runner
  #stop: (() => void) | undefined
  #closed = false

  constructor(shard: Shard, loop: Loop, runner: Runner) {
    this.#shard = shard
    this.#loop = loop
    this.#runner = runner
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
    for (const attempt of this.#loop.slots.running) {
      if (attempt.held.id === id) return attempt.abort(new CancelledError(id, reason), true)
    }
    const held = this.#loop.slots.drop(id)
    if (held !== undefined) this.#loop.report(this.#runner.cancelled(held, new CancelledError(id, reason)))
  }

  close(): void {
    this.#closed = true
    this.#stop?.()
  }
}
