import type { MessageList } from './message-list.ts'

/** A message under a lease. When the lease lapses before it is acknowledged or released, the message is delivered again. */
export class ReceivedMessage {
  readonly message: string
  /** Grows with each delivery of the queue: what a resource must remember to refuse the writes of a consumer whose lease has lapsed. */
  readonly fence: number
  readonly #list: MessageList

  constructor(list: MessageList, message: string, fence: string) {
    this.#list = list
    this.message = message
    this.fence = Number(fence)
  }

  /**
   * The message is done with.
   *
   * @returns false when the lease has lapsed and the message went to somebody else, or back to the queue: it is delivered again.
   * @throws ConnectionError when no answer came in time: it may have been applied.
   */
  ack(): Promise<boolean> {
    return this.#list.settle(String(this.fence), false)
  }

  /**
   * Gives the message back: it is the next to be delivered.
   *
   * @returns false as {@link ack}.
   * @throws ConnectionError as {@link ack}.
   */
  release(): Promise<boolean> {
    return this.#list.settle(String(this.fence), true)
  }
}
