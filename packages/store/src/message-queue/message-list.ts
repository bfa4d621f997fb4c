import type { CallBounds } from '../call/caller.ts'
import { ConnectionError } from '../errors/errors.ts'
import { isOutage } from '../call/reply-error.ts'
import {
  messagePurgeScript,
  messagePutScript,
  messageSettleScript,
  messageSizeScript,
  messageTakeScript,
  messageUndoScript,
} from '../scripts.generated.ts'
import type { Script, ScriptArgument } from '../script/script.ts'
import type { RipenStore } from '../store.ts'
import { messageKeys, type MessageKeys } from './message-keys.ts'
import { MessageLanes, type MessageLane } from './message-lanes.ts'

/**
 * How long the server remembers the last call of a lane, in ms, beyond the time in which one is sent again.
 */
const remembered = 600_000

/** A message on its way to whoever asked; with a fence when it is under a lease. */
export interface TakenMessage {
  readonly message: string
  readonly fence: string | undefined
}

/** The messages of a queue, as the server has them: each call is one script. */
export class MessageList {
  readonly keys: MessageKeys
  readonly #store: RipenStore
  readonly #lanes: MessageLanes
  /** Lanes whose take was not heard: what it took is put back. Their number is that of the undo. */
  readonly #abandoned = new Set<MessageLane>()

  constructor(store: RipenStore, name: string) {
    this.#store = store
    this.keys = messageKeys(store.options.prefix, name)
    this.#lanes = new MessageLanes(store.options.prefix, name)
  }

  async put(message: string): Promise<number> {
    return this.#once('the message may have been put', messagePutScript, { message })
  }

  /** @param lease ms; `undefined` takes it for good. */
  async take(lease: number | undefined, bounds: CallBounds): Promise<TakenMessage | undefined> {
    await this.recover(bounds)
    const lane = this.#lanes.take()
    try {
      const [message, fence] = await this.#run(messageTakeScript, lane, { offset: this.#store.clockOffset, lease: lease ?? '' }, bounds)
      this.#lanes.give(lane)
      return message === undefined ? undefined : { message, fence }
    } catch (error) {
      lane.number++
      this.#abandoned.add(lane)
      // If this fails, the next take tries again.
      this.recover().catch((cause: unknown) => this.#store.logger.debug({ err: cause }, 'a message may be on its way back to its queue'))
      throw error
    }
  }

  /** Puts back what takes took whose callers had gone. */
  async recover(bounds?: CallBounds): Promise<void> {
    for (const lane of this.#abandoned) {
      await this.#run(messageUndoScript, lane, {}, bounds)
      if (this.#abandoned.delete(lane)) this.#lanes.give(lane)
    }
  }

  /** Ends a lease; `back` puts the message back to the head. */
  async settle(fence: string, back: boolean): Promise<boolean> {
    return (await this.#once('it may have been applied', messageSettleScript, { fence, back: back ? 1 : 0 })) === 1
  }

  size(): Promise<number> {
    return this.#store.caller.script(messageSizeScript, { keys: this.keys, arguments: { offset: this.#store.clockOffset } })
  }

  purge(): Promise<number> {
    return this.#store.caller.script(messagePurgeScript, { keys: this.keys, arguments: {} })
  }

  /**
   * A call on a lane that is given back when it was answered: one that is still on its way must not meet the
   * next.
   */
  async #once<Argument extends string>(
    doubt: string,
    script: Script<keyof MessageKeys | 'lane', Argument, number>,
    values: Readonly<Record<Exclude<Argument, 'number' | 'keep'>, ScriptArgument>>,
  ): Promise<number> {
    const lane = this.#lanes.take()
    try {
      const answer = await this.#run(script, lane, values)
      this.#lanes.give(lane)
      return answer
    } catch (error) {
      throw isOutage(error) ? new ConnectionError(`${(error as ConnectionError).message}; ${doubt}`, error) : error
    }
  }

  #run<Argument extends string, Reply>(
    script: Script<keyof MessageKeys | 'lane', Argument, Reply>,
    lane: MessageLane,
    values: Readonly<Record<Exclude<Argument, 'number' | 'keep'>, ScriptArgument>>,
    bounds?: CallBounds,
  ): Promise<Reply> {
    const keep = this.#store.options.enqueueTimeout + remembered
    return this.#store.caller.script(
      script,
      {
        keys: { ...this.keys, lane: lane.key },
        arguments: { number: lane.number, keep, ...values } as unknown as Record<Argument, ScriptArgument>,
      },
      bounds,
    )
  }
}
