import type { MessageList } from './message-list.ts'

/**
 * A message under a lease. If it is neither acknowledged nor released before the lease ends, it is delivered
 * again.
 */
export class ReceivedMessage {
  readonly message: string
  /**
   * A number that grows with each delivery of the queue. A resource that remembers the highest one can refuse
   * writes of a consumer whose lease has ended.
   */
  readonly fence: number
  readonly #list: MessageList

  constructor(list: MessageList, message: string, fence: string) {
    this.#list = list
    this.message = message
    this.fence = Number(fence)
  }

  /**
   * Acknowledges the message: it is not delivered again.
   *
   * @returns false if the lease has ended and the message went to another consumer or back to the queue.
   * @throws ConnectionError if no answer came in time. The call may have been applied.
   */
  ack(): Promise<boolean> {
    return this.#list.settle(String(this.fence), false)
  }

  /**
   * Returns the message to the queue: it is the next to be delivered.
   *
   * @returns false as {@link ack}.
   * @throws ConnectionError as {@link ack}.
   */
  release(): Promise<boolean> {
    return this.#list.settle(String(this.fence), true)
  }
}
