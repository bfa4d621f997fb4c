import { randomBytes } from 'node:crypto'
import {
  ConfigurationError,
  ConnectionError,
  isRipenError,
  PathError,
  RevisionError,
  WrongTypeError,
  type RipenError,
} from '../errors/errors.ts'
import { sendScript } from '../script/script.ts'
import { channelDeleteScript, channelReadScript, channelRunScript } from '../scripts.generated.ts'
import type { RipenStore } from '../store.ts'
import { channelKey } from './channel-keys.ts'
import { ChannelSource, readValue } from './channel-source.ts'
import { mostBytes } from './json-text.ts'
import type { Operation } from './operation.ts'

/** A channel as those see it who write it. */
export class ChannelCalls extends ChannelSource {
  readonly label: string
  /** ms, or '' for never. */
  readonly #expire: number | ''
  /** Names the calls of this object: no other has the same. */
  readonly #session = randomBytes(9).toString('base64url')
  #counter = 0

  constructor(store: RipenStore, label: string, expire: number | undefined) {
    super(store, channelKey(store.options.prefix, label))
    this.label = label
    this.#expire = expire ?? ''
  }

  /** One operation: its result, or its error thrown. */
  async run<Result>(operation: Operation<Result>): Promise<Result> {
    const [result] = await this.runAll([operation])
    if (isRipenError(result)) throw result
    return result as Result
  }

  /**
   * All operations in one step, each with its result or its error.
   *
   * @throws ConnectionError when nothing is known of any of them.
   */
  async runAll(operations: readonly Operation<unknown>[]): Promise<unknown[]> {
    const rest: string[] = []
    for (const { requests } of operations)
      for (const { name, segments, values } of requests)
        rest.push(name, String(segments.length), String(values.length), ...segments, ...values)
    const writes = operations.some(({ effect }) => effect !== 'none')
    const reply = writes ? await this.#write(rest, operations) : await this.#read(rest)
    const lines = reply.split('\n')
    return operations.map((operation) => this.#result(operation, lines.splice(0, operation.requests.length)))
  }

  #read(rest: readonly string[]): Promise<string> {
    return this.store.caller.script(channelReadScript, { keys: { channel: this.key }, arguments: {}, rest })
  }

  async #write(rest: readonly string[], operations: readonly Operation<unknown>[]): Promise<string> {
    const token = `${this.#session}:${(this.#counter++).toString(36)}`
    const resend = operations.some(({ effect }) => effect === 'once') ? 'refuse' : 'apply'
    const reply = await this.store.caller.call((client, again, state) =>
      sendScript(
        client,
        channelRunScript,
        {
          keys: { channel: this.key },
          arguments: {
            offset: this.store.clockOffset,
            changes: this.changes,
            token,
            resend: again ? resend : '',
            expire: this.#expire,
          },
          rest,
        },
        state,
      ),
    )
    if (reply === '!maybe') throw this.#unknown(operations.map(({ name }) => name).join(', '))
    if (reply === '!lost')
      throw new ConnectionError(`the connection was lost: the change to channel ${this.label} was applied, but its answer is lost`)
    return reply
  }

  #unknown(what: string): ConnectionError {
    return new ConnectionError(`the connection was lost: ${what} on channel ${this.label} may have been applied once`)
  }

  #result(operation: Operation<unknown>, lines: readonly string[]): unknown {
    const refusal = lines.find((line) => line.startsWith('!'))
    if (refusal !== undefined) return this.#error(operation, refusal)
    try {
      return operation.read(lines.map((line) => readValue(this.key, line.slice(1))))
    } catch (error) {
      if (isRipenError(error)) return error
      throw error
    }
  }

  #error({ name, path }: Operation<unknown>, refusal: string): RipenError {
    const [code = '', ...details] = refusal.slice(1).split(' ')
    const shown = path.toString()
    switch (code) {
      case 'type':
        return new WrongTypeError(
          `${name} needs a value of type ${details[1]} at '${shown}' of channel ${this.label}, but found ${details[0]}`,
        )
      case 'json':
        return new WrongTypeError(`the channel at ${this.key} does not hold JSON`)
      case 'number':
        return new WrongTypeError(`${name} at '${shown}' of channel ${this.label} gives a number that JSON cannot hold`)
      case 'revision':
        return new RevisionError(this.label, details.length === 0 ? null : { epoch: Number(details[0]), rev: Number(details[1]) })
      case 'maybe':
        return this.#unknown(name)
      case 'size':
        return new ConfigurationError('value', `the whole value of channel ${this.label} must stay below ${mostBytes} bytes of JSON`)
      case 'room':
        return new ConfigurationError(
          'path',
          `must not read more than 8,000,000 bytes of channel ${this.label} in one call: use several calls`,
        )
      case 'new':
        return new PathError(shown, `channel ${this.label} is not initialised`)
      case 'root':
        return new PathError(shown, `${name} cannot take the whole value: use delete(), or set it to null`)
      case 'index':
        return new PathError(shown, `${name} got an index outside the array`)
      default:
        return new PathError(shown, `leads to nothing in channel ${this.label}`)
    }
  }

  async delete(): Promise<boolean> {
    return (await this.store.caller.script(channelDeleteScript, { keys: { channel: this.key }, arguments: {} })) === 1
  }
}
