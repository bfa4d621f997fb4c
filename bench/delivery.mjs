import { indexOf, maximumJobs } from './payload.mjs'

/** How long a sample waits for the next settled job before it gives up, in ms. */
const patience = 90_000

/**
 * What one sample expects and sees: every job handled exactly once and settled.
 * The same object counts for every library, so its small cost is the same for all.
 */
export class Delivery {
  #failure
  #handled
  #jobs
  #settled = 0
  #strays = 0
  #waiter

  /** @param {number} jobs how many jobs are added at most, numbered from 0 */
  constructor(jobs) {
    if (jobs > maximumJobs) throw new RangeError(`a sample of ${jobs} jobs, at most ${maximumJobs} have payloads of one length`)
    this.#jobs = jobs
    this.#handled = new Uint8Array(jobs)
  }

  get settled() {
    return this.#settled
  }

  /** Counts one run of the handler. */
  handle(data) {
    const index = indexOf(data)
    if (index >= 0 && index < this.#jobs) this.#handled[index] += 1
    else this.#strays += 1
  }

  /** Counts one job whose completion the server has accepted. */
  settle() {
    this.#settled += 1
    if (this.#settled === this.#waiter?.count) this.#waiter.resolve()
  }

  /** Ends the sample: whoever waits, or waits later, gets the error. */
  fail(error) {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
    this.#waiter?.reject(this.#failure)
  }

  /**
   * Resolves when `count` jobs have settled; rejects when one fails or when nothing settles for 90 s. One
   * caller at a time.
   */
  async reaches(count) {
    if (this.#failure) throw this.#failure
    if (this.#settled >= count) return
    let seen = this.#settled
    const watch = setInterval(() => {
      if (this.#settled === seen) this.fail(new Error(`no job settled in ${patience} ms: ${this.#settled} of ${count}`))
      seen = this.#settled
    }, patience)
    try {
      await new Promise((resolve, reject) => {
        this.#waiter = { count, resolve, reject }
      })
    } finally {
      clearInterval(watch)
    }
  }

  /** Throws unless each of the first `jobs` jobs was handled and settled exactly once, and no other. */
  verify(jobs = this.#jobs) {
    if (this.#failure) throw this.#failure
    const runs = this.#handled.subarray(0, jobs)
    const missing = runs.filter((count) => count === 0).length
    const repeated = runs.filter((count) => count > 1).length
    const strays = this.#strays + this.#handled.subarray(jobs).filter((count) => count > 0).length
    if (missing + repeated + strays > 0 || this.#settled !== jobs) {
      throw new Error(
        `delivery of ${jobs} jobs: ${missing} never ran, ${repeated} ran more than once, ${strays} unknown, ${this.#settled} settled`,
      )
    }
  }
}

/** Throws unless `ids` are `jobs` different ids. */
export function verifyIds(ids, jobs) {
  const different = new Set(ids.map(String)).size
  if (different !== jobs || ids.includes(undefined)) throw new Error(`${jobs} jobs added, ${different} different ids answered`)
}
