import { randomBytes } from 'node:crypto'
import type { CallBounds } from '../call/caller.ts'
import { sendScript, type Script, type ScriptArgument } from '../script/script.ts'
import { internals, type RipenStore, type Store } from '../store.ts'
import { alertChannel, providerKeys, wakeChannel, type ProviderKeys } from './keys.ts'

/** A provider on the server, as one node sees it: its keys, and calls to its scripts. */
export class ProviderState {
  readonly store: RipenStore
  readonly provider: string
  readonly keys: ProviderKeys
  /** The channel that wakes the nodes of a provider. */
  readonly wake: string
  readonly alerts: string
  readonly #token = randomBytes(8).toString('hex')
  #calls = 0

  constructor(store: Store, provider: string) {
    this.store = internals(store)
    this.provider = provider
    const { prefix } = this.store.options
    this.keys = providerKeys(prefix, provider)
    this.wake = wakeChannel(prefix, provider, this.store.selectedDatabase)
    this.alerts = alertChannel(prefix, this.store.selectedDatabase)
  }

  /** A name for one call, by which the server knows a copy of it. */
  nextId(): string {
    return `${this.#token}-${(++this.#calls).toString(36)}`
  }

  /** Runs a script: keys are found by name, `clockOffset` goes along as `offset`. */
  async script<Key extends keyof ProviderKeys, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    values: Readonly<Record<Exclude<Argument, 'offset'>, ScriptArgument>>,
    rest: readonly ScriptArgument[] = [],
  ): Promise<Reply> {
    return (await this.send(script, values, rest)).reply
  }

  /** As {@link script}; `again`: an earlier try may have been applied. */
  async send<Key extends keyof ProviderKeys, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    values: Readonly<Record<Exclude<Argument, 'offset'>, ScriptArgument>>,
    rest: readonly ScriptArgument[] = [],
    bounds?: CallBounds,
  ): Promise<{ readonly reply: Reply; readonly again: boolean }> {
    const given = { offset: this.store.clockOffset, ...values } as Record<Argument, ScriptArgument>
    return this.store.caller.call(
      async (client, again, state) => ({
        reply: await sendScript(client, script, { keys: this.keys, arguments: given, rest }, state),
        again,
      }),
      bounds,
    )
  }
}
