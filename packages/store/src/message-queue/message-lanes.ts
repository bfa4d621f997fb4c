import { randomBytes } from 'node:crypto'
import { laneKey } from './message-keys.ts'

/**
 * A numbered line of calls, one at a time. The server remembers the last of them, so that one that is sent
 * again is not applied twice.
 */
export interface MessageLane {
  readonly key: string
  /** The number of the current call, or of the last one. */
  number: number
}

/** The lanes of one client of a queue: as many as it has calls under way at once. */
export class MessageLanes {
  readonly #session = randomBytes(9).toString('base64url')
  readonly #key: (lane: string) => string
  readonly #idle: MessageLane[] = []
  #count = 0

  constructor(prefix: string, name: string) {
    this.#key = (lane) => laneKey(prefix, name, lane)
  }

  /** A lane for the next call, with its number. */
  take(): MessageLane {
    const lane = this.#idle.pop() ?? { key: this.#key(`${this.#session}-${this.#count++}`), number: 0 }
    lane.number++
    return lane
  }

  /**
   * Gives a lane back whose call was answered, or refused for good. One whose call may still be applied is
   * not given back.
   */
  give(lane: MessageLane): void {
    this.#idle.push(lane)
  }
}
