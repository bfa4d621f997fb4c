import { CancelledError } from '@ripen/store'
import { soughtIdentifier } from '@ripen/store/internal'
import { encodeTail } from './job/row.ts'
import type { JobReader } from './job-reader.ts'
import { cancelScript, clearScript, pauseScript, promoteScript, removeScript, retryScript } from './scripts.generated.ts'
import type { Shard } from './shard.ts'

/** Moves jobs by hand: each answers how many it moved, 0 for an id that is unknown, for a text that can be no id, and where the state forbids it. */
export class JobSteering {
  readonly #shard: Shard
  readonly #reader: JobReader

  constructor(shard: Shard, reader: JobReader) {
    this.#shard = shard
    this.#reader = reader
  }

  async retry(given: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    return this.#shard.script(retryScript, { order: await this.#shard.order() }, [id])
  }

  async promote(given: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    return this.#shard.script(promoteScript, { order: await this.#shard.order(), channel: this.#shard.channels.news }, [id])
  }

  async remove(given: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    return this.#shard.script(removeScript, { order: await this.#shard.order(), channel: this.#shard.channels.news }, [id])
  }

  async cancel(given: string, reason: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    const [job] = await this.#reader.read([id])
    if (job === null || job === undefined) return 0
    const { completed } = job.options.retain ?? {}
    const { name, message, code } = new CancelledError(id, reason)
    return this.#shard.script(cancelScript, {
      order: await this.#shard.order(),
      id,
      reason,
      keep: completed === undefined ? '' : completed === false ? '0' : String(completed),
      tail: encodeTail({ error: { name, message, code, reason } }),
      channel: this.#shard.channels.news,
      workersChannel: this.#shard.channels.cancels,
    })
  }

  /** Removes waiting jobs in steps. */
  async clear(): Promise<number> {
    const order = await this.#shard.order()
    let removed = 0
    for (;;) {
      const step = await this.#shard.script(clearScript, { order, channel: this.#shard.channels.news })
      if (step === 0) return removed
      removed += step
    }
  }

  async pause(paused: boolean): Promise<void> {
    await this.#shard.script(pauseScript, { paused: paused ? 1 : 0 })
  }
}
