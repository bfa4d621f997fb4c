import { CancelledError } from '@ripen/store'
import { soughtIdentifier } from '@ripen/store/internal'
import { encodeTail } from '../job/row.ts'
import type { JobReader } from '../read/job-reader.ts'
import { NumberedCalls } from '../shard/numbered-calls.ts'
import { cancelScript, clearScript, pauseScript, promoteScript, removeScript, retryScript } from '../scripts.generated.ts'
import type { Shard } from '../shard/shard.ts'

/**
 * Moves jobs by hand: each answers how many it moved, 0 for an id that is unknown, for a text that can be no
 * id, and where the state forbids it.
 */
export class JobCommands {
  readonly #shard: Shard
  readonly #reader: JobReader
  readonly #calls: NumberedCalls

  constructor(shard: Shard, reader: JobReader) {
    this.#shard = shard
    this.#reader = reader
    this.#calls = new NumberedCalls(shard)
  }

  async retry(given: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    return this.#calls.call(retryScript, {}, [id])
  }

  async promote(given: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    return this.#calls.call(promoteScript, { channel: this.#shard.channels.news }, [id])
  }

  async remove(given: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    return this.#calls.call(removeScript, { channel: this.#shard.channels.news }, [id])
  }

  async cancel(given: string, reason: string): Promise<number> {
    const id = soughtIdentifier('id', given)
    if (id === undefined) return 0
    const [job] = await this.#reader.read([id])
    if (job === null || job === undefined) return 0
    const { completed } = job.options.retain ?? {}
    const { name, message, code } = new CancelledError(id, reason)
    return this.#calls.call(cancelScript, {
      id,
      reason,
      keep: completed === undefined ? '' : completed === false ? '0' : String(completed),
      tail: encodeTail({ error: { name, message, code, reason } }),
      channel: this.#shard.channels.news,
      workersChannel: this.#shard.channels.cancels,
    })
  }

  /** Removes waiting jobs in pages, each a call of its own. */
  async clear(): Promise<number> {
    let removed = 0
    for (;;) {
      const step = await this.#calls.call(clearScript, { channel: this.#shard.channels.news })
      if (step === 0) return removed
      removed += step
    }
  }

  async pause(paused: boolean): Promise<void> {
    await this.#calls.call(pauseScript, { paused: paused ? 1 : 0 })
  }

  /** Ends what was not sent yet, with a ClosingError, and refuses what comes. */
  close(): void {
    this.#calls.close()
  }
}
