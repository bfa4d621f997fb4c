import { EnqueueTimeoutError } from '@ripen/store'
import { isOutage, type RipenStore } from '@ripen/store/internal'
import type { JobReader } from './job-reader.ts'
import type { StoredJob } from '../job/job.ts'

interface Question {
  readonly given: StoredJob
  readonly since: number
  readonly resolve: (job: StoredJob) => void
  readonly reject: (error: unknown) => void
}

/**
 * Finds the jobs that adds are answered with when an id or a unique key is taken: those of one batch in one
 * call.
 */
export class ExistingJobs {
  readonly #reader: JobReader
  readonly #store: Pick<RipenStore, 'clock' | 'options'>
  #questions: Question[] = []

  constructor(reader: JobReader, store: Pick<RipenStore, 'clock' | 'options'>) {
    this.#reader = reader
    this.#store = store
  }

  /**
   * The job that an id or a unique key found in its place; what was given, should it have gone since. Reading
   * it takes of the time that the add has.
   *
   * @param since when the add began, on the clock.
   * @throws EnqueueTimeoutError when that time is over.
   */
  find(given: StoredJob, since: number): Promise<StoredJob> {
    return new Promise((resolve, reject) => {
      if (this.#questions.push({ given, since, resolve, reject }) === 1) queueMicrotask(() => void this.#answer())
    })
  }

  async #answer(): Promise<void> {
    const { clock, options } = this.#store
    const questions = this.#questions
    this.#questions = []
    const oldest = Math.min(...questions.map(({ since }) => since))
    const budget = Math.max(1, options.enqueueTimeout - (clock.now() - oldest))
    const ids = questions.map(({ given }) => given.id)
    try {
      const found = await this.#reader.read(ids, { budget })
      for (const [index, { given, resolve }] of questions.entries()) resolve((found[index] ?? given).with({ duplicate: true }))
    } catch (error) {
      // The adds themselves were applied.
      for (const { given, reject } of questions)
        reject(isOutage(error) ? new EnqueueTimeoutError(given.id, options.enqueueTimeout, error) : error)
    }
  }
}
