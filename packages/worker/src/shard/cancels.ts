import type { Shard } from '@ripen/queue/internal'

/** @param reason what the caller of `cancel` gave. */
type Cancel = (id: string, reason: string) => void

/** Hears of cancels: by a message at once, and by the answer to the heartbeat should the message be lost. */
export class Cancels {
  readonly #shard: Shard
  readonly #cancel: Cancel
  #stop: (() => void) | undefined
  #closed = false

  constructor(shard: Shard, cancel: Cancel) {
    this.#shard = shard
    this.#cancel = cancel
  }

  async listen(): Promise<void> {
    const stop = await this.#shard.store.subscriber.listen(this.#shard.channels.cancels, (message) => {
      if (message === undefined) return
      const split = message.indexOf('\n')
      this.#cancel(message.slice(0, split), message.slice(split + 1))
    })
    if (this.#closed) stop()
    else this.#stop = stop
  }

  /** @param row of `cancels`: retention, the end of the state row, a line end, the reason. */
  asked(id: string, row: string): void {
    this.#cancel(id, row.slice(row.indexOf('\n') + 1))
  }

  close(): void {
    this.#closed = true
    this.#stop?.()
  }
}
