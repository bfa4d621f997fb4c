import { ConfigurationError, InvalidJobError, LayoutTooNewError, type Store } from '@ripen/store'
import {
  ChannelSource,
  internals,
  registerScriptError,
  type CallBounds,
  type Replicated,
  type Replication,
  type RipenStore,
  type Script,
  type ScriptArgument,
  type ScriptCall,
} from '@ripen/store/internal'
import { randomBytes } from 'node:crypto'
import { Composition, type FeatureName, type Variant } from '../features/composition.ts'
import { featuresOfSettings } from '../features/features-of-settings.ts'
import { isOtherFeatures } from '../features/other-features.ts'
import { progressKey, shardChannels, shardKeys, type ShardKeys } from './keys.ts'
import type { ParsedQueueSettings, QueueOrder } from '../queue-settings.ts'
import { openScript, progressScript } from '../scripts.generated.ts'

/** The layout of keys and rows that this version reads and writes. */
const layout = 2
/**
 * How long the channel of a job stays after its last change, in ms: who watches looks within that time, and
 * who comes later reads the state row.
 */
const progressStays = 10_000

/** The features of a queue grow one by one, and there are few. */
const mostRefusals = 20

registerScriptError('LAYOUT_TOO_NEW', (text) => new LayoutTooNewError(Number(text), layout))
registerScriptError(
  'LAYOUT_TOO_OLD',
  (text) =>
    new ConfigurationError(
      'queue',
      `has layout ${text} from before the first release, but this version reads layout ${layout}: use another name or prefix, or delete its keys`,
    ),
)
registerScriptError(
  'UNREADABLE_ROW',
  (id) => new InvalidJobError(`job ${id}`, [{ message: 'has options that the server cannot read: remove the job' }]),
)
registerScriptError(
  'OTHER_ORDER',
  (text) =>
    new ConfigurationError('order', `was '${text}' when the queue was first used, and cannot change: use that order, or another queue`),
)

/** The name of a client from its hello on, and the server's answer to the hello. */
export interface Session {
  /** 72 random bits, twelve characters: the name of its lanes, or of the worker. */
  readonly name: string
  readonly order: QueueOrder
}

/** A call of a script that is composed for the features of the queue. */
export interface ComposedCall<Argument extends string> {
  readonly values: Readonly<Record<Exclude<Argument, 'offset'>, ScriptArgument>>
  /** The arguments after the named ones. */
  readonly rest: readonly ScriptArgument[] | ((composition: Composition) => readonly ScriptArgument[])
  /** The features that it brings. */
  readonly brings?: Iterable<FeatureName>
  readonly variant?: Variant | undefined
  readonly bounds: CallBounds
}

const none: readonly FeatureName[] = []

/** A shard of a queue, as one client sees it: its keys, and calls to its scripts. */
export class Shard {
  readonly store: RipenStore
  readonly queue: string
  readonly keys: ShardKeys
  readonly channels: ReturnType<typeof shardChannels>
  readonly #settings: ParsedQueueSettings
  /** The features that the queue uses, as far as is known here. */
  #composition = Composition.of('')
  #order: Promise<Session> | undefined

  constructor(store: Store, queue: string, settings: ParsedQueueSettings) {
    this.store = internals(store)
    this.queue = queue
    this.#settings = settings
    const prefix = this.store.options.prefix
    this.keys = shardKeys(prefix, queue, 0)
    this.channels = shardChannels(prefix, queue, 0, this.store.selectedDatabase)
  }

  /** Runs a script of the shard: keys are found by name, `clockOffset` goes along as `offset`. */
  script<Key extends keyof ShardKeys, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    values: Readonly<Record<Exclude<Argument, 'offset'>, ScriptArgument>>,
    rest?: readonly ScriptArgument[],
    bounds?: CallBounds,
  ): Promise<Reply> {
    return this.store.caller.script(script, this.#call<Argument>(values, rest), bounds)
  }

  /**
   * Runs a script that is composed for the features of the queue. When the queue turns out to use others, it
   * composes the script anew and calls again: the refused call has done nothing but to name, where it was an
   * add, the features that it brings.
   *
   * @param replication waits until replicas have what the script wrote; see {@link ReplicatedCaller.script}.
   */
  composed<Key extends keyof ShardKeys, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    call: ComposedCall<Argument>,
  ): Promise<Reply>
  composed<Key extends keyof ShardKeys, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    call: ComposedCall<Argument>,
    replication: Replication | undefined,
  ): Promise<Reply | Replicated<Reply>>
  async composed<Key extends keyof ShardKeys, Argument extends string, Reply>(
    plain: Script<Key, Argument, Reply>,
    { values, rest, brings = none, variant, bounds }: ComposedCall<Argument>,
    replication?: Replication,
  ): Promise<Reply | Replicated<Reply>> {
    const { caller, replicated } = this.store
    for (let refusals = 0; ; refusals++) {
      const composition = this.#composition.with(brings)
      const script = composition.script(plain, variant)
      const call = this.#call<Argument>(values, typeof rest === 'function' ? rest(composition) : rest)
      try {
        const answer = await (replication === undefined
          ? caller.script(script, call, bounds)
          : replicated.script(script, call, replication, bounds))
        this.#composition = composition
        return answer
      } catch (error) {
        if (!isOtherFeatures(error) || refusals === mostRefusals) throw error
        const told = Composition.of(error.features)
        // Another client has written them in a way that no script expects. A hello writes them anew.
        if (told === composition) await this.openSession(bounds)
        else this.#composition = told
      }
    }
  }

  #call<Argument extends string>(
    values: Readonly<Record<Exclude<Argument, 'offset'>, ScriptArgument>>,
    rest: readonly ScriptArgument[] = [],
  ): ScriptCall<keyof ShardKeys, Argument> {
    return { keys: this.keys, arguments: { offset: this.store.clockOffset, ...values } as Record<Argument, ScriptArgument>, rest }
  }

  /**
   * Asks whether the user may run these scripts, before the first of them writes anything.
   *
   * @param commands others that will be sent, in a form that does nothing.
   * @throws AccessError that names what is missing; as {@link Caller.call}.
   */
  require(
    scripts: readonly Script<keyof ShardKeys | 'channel' | 'set', string, unknown>[],
    commands: readonly (readonly string[])[] = [],
    bounds?: CallBounds,
  ): Promise<void> {
    const { key: progress, changes } = this.progressOf('')
    const { news, cancels } = this.channels
    const keys: Readonly<Record<string, string>> = { ...this.keys, channel: progress, set: this.keys.active }
    const channelsByName: Readonly<Record<string, string>> = { channel: news, workersChannel: cancels, changes }
    const channels = new Set(scripts.flatMap((script) => script.channels.map((name) => channelsByName[name] ?? '')))
    return this.store.caller.require({ scripts, keys, channels: [...channels], commands }, bounds)
  }

  /** The channel with a job's progress. */
  progressOf(id: string): ChannelSource {
    return new ChannelSource(this.store, progressKey(this.store.options.prefix, this.queue, 0, id))
  }

  /**
   * Stores the progress of a job whose lease the caller holds, and tells who watches; else nothing. @param
   * value JSON.
   */
  async storeProgress(id: string, fence: string, row: string, value: string): Promise<void> {
    const { key, changes } = this.progressOf(id)
    const { arguments: given } = this.#call({ id, fence, row, value, changes, expire: progressStays })
    await this.store.caller.script(progressScript, { keys: { ...this.keys, channel: key }, arguments: given })
  }

  /**
   * A session of its own for whoever asks.
   *
   * @throws ConfigurationError when the queue has another order; LayoutTooNewError; ConnectionError.
   */
  async openSession(bounds?: CallBounds): Promise<Session> {
    const { order: wanted = '', retain } = this.#settings
    const values = { layout, order: wanted, retain, features: featuresOfSettings(this.#settings).join(' ') }
    const [order, features] = await this.script(openScript, values, [], bounds)
    this.#composition = Composition.of(features)
    this.store.check().catch((error: unknown) => this.store.logger.debug({ err: error }, 'the server could not be checked'))
    return { name: randomBytes(9).toString('base64url'), order: order as Session['order'] }
  }

  /**
   * Must be asked before a job is added: by the Scorer of the queue each has its place.
   *
   * @throws ConfigurationError when the order is a Scorer, and this queue was not given it.
   */
  checkScorer(order: QueueOrder): void {
    if (order === 'scorer' && this.#settings.scorer === undefined)
      throw new ConfigurationError(
        'order',
        `is required: the queue ${this.queue} orders its jobs by a function, and whoever adds jobs needs it`,
      )
  }

  /** Brings the settings of a queue again that has ended in a long rest. @throws as {@link openSession}. */
  async reopen(): Promise<void> {
    this.#order = undefined
    await this.order()
  }

  /** The order of the queue; the first call opens a session. */
  async order(): Promise<Session['order']> {
    this.#order ??= this.openSession().catch((error: unknown) => {
      this.#order = undefined
      throw error
    })
    return (await this.#order).order
  }
}
