/** Whether a timer keeps the process alive (`'ref'`, as timers of Node do) or lets it end (`'unref'`). */
export type Hold = 'ref' | 'unref'

/**
 * The only source of time and timers of a store and what is built on it, so that tests can move it. The
 * server has a clock of its own: see `clockOffset`.
 */
export interface Clock {
  /** Monotonic time in ms: for budgets and deadlines, of no meaning in another process. */
  now(): number
  /**
   * Calls back once, after this many ms, without a limit. `Infinity` means never.
   *
   * @param hold default `'ref'`.
   * @returns a function that calls it off.
   */
  after(milliseconds: number, callback: () => void, hold?: Hold): () => void
  /**
   * Calls back again and again, each time after this many ms, at most 24 days. What came due several times
   * while the event loop stood still comes once.
   *
   * @param hold default `'ref'`.
   * @returns a function that calls it off.
   */
  every(milliseconds: number, callback: () => void, hold?: Hold): () => void
  /** Resolves after this many ms. @param hold default `'ref'`. */
  pause(milliseconds: number, hold?: Hold): Promise<void>
}
