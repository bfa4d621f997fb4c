import type { CallBounds } from '../call/caller.ts'
import { WrongTypeError } from '../errors/errors.ts'
import { channelLookScript } from '../scripts.generated.ts'
import type { RipenStore } from '../store.ts'
import { changesChannel } from './channel-keys.ts'
import type { ChannelState, Revision } from './revision.ts'

/** A channel as those see it who only read it. */
export class ChannelSource {
  readonly store: RipenStore
  readonly key: string
  readonly changes: string

  constructor(store: RipenStore, key: string) {
    this.store = store
    this.key = key
    this.changes = changesChannel(key, store.selectedDatabase)
  }

  /**
   * The value and its revision; undefined when the channel is not initialised, or is at the revision `since`.
   */
  async look(since: Revision | undefined, bounds?: CallBounds): Promise<ChannelState<unknown> | undefined> {
    const [epoch, rev, value] = await this.store.caller.script(
      channelLookScript,
      { keys: { channel: this.key }, arguments: { epoch: String(since?.epoch ?? ''), rev: String(since?.rev ?? '') } },
      bounds,
    )
    return typeof value !== 'string' ? undefined : { value: readValue(this.key, value), epoch: Number(epoch), rev: Number(rev) }
  }
}

/** @throws WrongTypeError for what another program has written there. */
export function readValue(key: string, json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new WrongTypeError(`the channel at ${key} does not hold JSON`)
  }
}
