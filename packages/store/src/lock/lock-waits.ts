import type { RipenStore } from '../store.ts'
import { wakeChannel } from './lock-keys.ts'

/** The least time between two looks of the timer, in ms. */
const grain = 5

interface Wait {
  /** It was told to ask again, and has not asked since. */
  woken: boolean
  /** When it asks by itself, by the clock of the store. */
  due: number
  ask: (() => void) | undefined
}

/** Those of this process who wait for locks of a store: one timer and one subscription for all of them. */
export class LockWaits {
  readonly #store: RipenStore
  readonly #waits = new Map<string, Wait>()
  #listening = false
  #callOff: (() => void) | undefined
  #armed = Number.POSITIVE_INFINITY

  constructor(store: RipenStore) {
    this.#store = store
  }

  /** From now on a message that wakes this id is heard. */
  enter(id: string): void {
    this.#waits.set(id, { woken: false, due: Number.POSITIVE_INFINITY, ask: undefined })
  }

  leave(id: string): void {
    this.#waits.delete(id)
    if (this.#waits.size > 0) return
    this.#callOff?.()
    this.#armed = Number.POSITIVE_INFINITY
  }

  /** Resolves when the id should ask again: it was woken, the ms are over, or the signal aborts. */
  async turn(id: string, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const wait = this.#waits.get(id)
    if (wait === undefined || signal?.aborted === true) return
    // The first waiter subscribes. Nobody waits for that: without messages, every waiter polls.
    if (!this.#listening) void this.#listen()
    if (!wait.woken) {
      const turn = new Promise<void>((resolve) => (wait.ask = resolve))
      signal?.addEventListener('abort', wait.ask as () => void)
      wait.due = this.#store.clock.now() + milliseconds
      this.#arm(wait.due)
      await turn
      signal?.removeEventListener('abort', wait.ask as () => void)
      wait.ask = undefined
      wait.due = Number.POSITIVE_INFINITY
    }
    wait.woken = false
  }

  async #listen(): Promise<void> {
    this.#listening = true
    try {
      await this.#store.subscriber.listen(wakeChannel(this.#store.options.prefix, this.#store.selectedDatabase), (message) => {
        if (message === undefined) this.#wakeAll()
        else for (const id of message.split(' ')) this.#wake(this.#waits.get(id))
      })
      // Locks freed earlier are not announced again.
      this.#wakeAll()
    } catch (error) {
      this.#listening = false
      this.#store.logger.debug({ err: error }, 'no messages about locks arrive: waiters poll instead')
    }
  }

  #wakeAll(): void {
    for (const wait of this.#waits.values()) this.#wake(wait)
  }

  #wake(wait: Wait | undefined): void {
    if (wait === undefined) return
    if (wait.ask === undefined) wait.woken = true
    else wait.ask()
  }

  #arm(due: number): void {
    if (due >= this.#armed) return
    this.#callOff?.()
    this.#armed = due
    this.#callOff = this.#store.clock.after(Math.max(grain, due - this.#store.clock.now()), () => this.#look())
  }

  #look(): void {
    this.#armed = Number.POSITIVE_INFINITY
    const now = this.#store.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const wait of this.#waits.values()) {
      if (wait.due <= now) wait.ask?.()
      else next = Math.min(next, wait.due)
    }
    if (next < Number.POSITIVE_INFINITY) this.#arm(next)
  }
}
