import type { Clock } from '../clock/clock.ts'
import { ClosingError } from '../errors/errors.ts'
import type { Listener, Subscriber } from './subscriber.ts'

/** What Ripen uses of a {@link Subscriber}. */
export type Listening = Pick<Subscriber, 'clock' | 'closed' | 'listen' | 'view' | 'close'>

interface Place {
  readonly listener: Listener
  /** Ends the wait for the subscription. */
  refuse: (error: unknown) => void
  stop?: () => void
}

/** Uses a subscriber, whose connection stays open when this is closed. */
export class SubscriberView implements Listening {
  readonly #subscriber: Listening
  readonly #places = new Set<Place>()
  #closed = false

  constructor(subscriber: Listening) {
    this.#subscriber = subscriber
  }

  get clock(): Clock {
    return this.#subscriber.clock
  }

  get closed(): boolean {
    return this.#closed || this.#subscriber.closed
  }

  view(): Listening {
    return new SubscriberView(this)
  }

  /** See {@link Subscriber.listen}. */
  async listen(channel: string, listener: Listener): Promise<() => void> {
    if (this.#closed) throw new ClosingError('the monitored store')
    const place: Place = { listener, refuse: () => undefined }
    const refused = new Promise<never>((_resolve, reject) => (place.refuse = reject))
    refused.catch(() => undefined) // it may come when nobody waits any more
    this.#places.add(place)
    const listening = this.#subscriber.listen(channel, listener)
    try {
      const stop = (place.stop = await Promise.race([listening, refused]))
      return () => {
        this.#places.delete(place)
        stop()
      }
    } catch (error) {
      this.#places.delete(place)
      listening.then(
        (stop) => stop(),
        () => undefined, // there is nothing to give up
      )
      throw error
    }
  }

  /** Listeners look once more, and find that the store is closed. */
  close(): void {
    this.#closed = true
    for (const { listener, refuse, stop } of this.#places) {
      refuse(new ClosingError('the monitored store'))
      stop?.()
      listener(undefined)
    }
    this.#places.clear()
  }
}
