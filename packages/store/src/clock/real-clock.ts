import type { Clock, Hold } from './clock.ts'

/** The longest that a timer of Node counts, in ms: it fires at once beyond. */
const longestTimer = 2 ** 31 - 1

class RealClock implements Clock {
  now(): number {
    return performance.now()
  }

  after(milliseconds: number, callback: () => void, hold: Hold = 'ref'): () => void {
    if (milliseconds > longestTimer) return this.#afterParts(milliseconds, callback, hold)
    const timer = setTimeout(callback, Math.max(0, milliseconds))
    if (hold === 'unref') timer.unref()
    return () => clearTimeout(timer)
  }

  /** By several timers, one after the other. */
  #afterParts(milliseconds: number, callback: () => void, hold: Hold): () => void {
    if (milliseconds === Number.POSITIVE_INFINITY) return () => undefined
    const end = this.now() + milliseconds
    let callOff: () => void
    const wait = (): void => {
      const left = end - this.now()
      callOff = this.after(Math.min(left, longestTimer), left > longestTimer ? wait : callback, hold)
    }
    wait()
    return () => callOff()
  }

  every(milliseconds: number, callback: () => void, hold: Hold = 'ref'): () => void {
    const timer = setInterval(callback, milliseconds)
    if (hold === 'unref') timer.unref()
    return () => clearInterval(timer)
  }

  pause(milliseconds: number, hold?: Hold): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve, hold))
  }
}

/** The clock of every store but those of tests. */
export const realClock: Clock = new RealClock()
