import type { Clock } from '../clock/clock.ts'

/** One side waits until the other rings. */
export class Bell {
  readonly #clock: Clock
  #rung = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Resolves when it has rung since the last call, and after this many ms in any case. One at a time. */
  async heard(longest: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const callOff = this.#clock.after(longest, resolve)
        this.#wake = () => {
          callOff()
          resolve()
        }
      })
    }
    this.#rung = false
    this.#wake = undefined
  }
}
