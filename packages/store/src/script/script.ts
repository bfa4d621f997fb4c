import { Command, type Cluster, type Redis } from 'ioredis'
import { rightsOf } from '../access/rights.ts'
import type { CallState } from '../call/caller.ts'
import { ClosingError } from '../errors/errors.ts'
import { UnwrittenError } from '../call/reply-error.ts'

/** What a script takes as an argument. Numbers must be finite; fractions travel as JavaScript prints them. */
export type ScriptArgument = string | number | Buffer

/**
 * A Lua script as the embedder writes it: `scripts/embed-scripts.mjs` reads the names of keys and arguments
 * from the first lines of the `.lua` file, so a wrong name at a call does not compile.
 */
export interface Script<Key extends string, Argument extends string, Reply> {
  readonly name: string
  readonly keys: readonly Key[]
  readonly arguments: readonly Argument[]
  /**
   * The commands that it calls, in lower case: with those that send it (EVALSHA, EVAL), what a user needs who
   * calls it.
   */
  readonly commands: readonly string[]
  /** The arguments that are channels to which it publishes. */
  readonly channels: readonly Argument[]
  readonly sha: string
  readonly source: string
  /** Only for the type of the reply; never there at run time. */
  readonly reply?: Reply
}

/** One call of a script: what {@link sendScript} sends, as often as needed. */
export interface ScriptCall<Key extends string, Argument extends string> {
  readonly keys: Readonly<Record<Key, string>>
  readonly arguments: Readonly<Record<Argument, ScriptArgument>>
  /** The variadic arguments after the named ones. */
  readonly rest?: readonly ScriptArgument[]
}

/**
 * Knows whether it was written to a connection: what was not cannot have been applied. (In a cluster ioredis
 * ends both kinds with the same message.)
 *
 * It lets go of its arguments and its reply when it is answered. ioredis gives each Command a closure that V8
 * puts into the old space (function literals that are assigned to a property are taken for methods there), so
 * that all the Command holds outlives scavenges, until the next full collection: thousands of rows.
 */
class ScriptCommand extends Command {
  #written = false
  #reply: unknown

  constructor(name: 'evalsha' | 'eval', parameters: ScriptArgument[]) {
    super(name, parameters, { replyEncoding: 'utf8' })
  }

  override toWritable(socket: object): string | Buffer {
    this.#written = true
    return super.toWritable(socket)
  }

  /** Not the reply but what this returns is what the Command's promise holds. */
  override transformReply(reply: Buffer | Buffer[]): string {
    this.#reply = super.transformReply(reply)
    return ''
  }

  /** @throws UnwrittenError when it cannot have been applied; else what ioredis throws. */
  async sendTo(client: Redis | Cluster): Promise<unknown> {
    try {
      await client.sendCommand(this)
      return this.#reply
    } catch (error) {
      throw this.#written ? error : new UnwrittenError(error)
    } finally {
      this.args = []
      this.#reply = undefined
    }
  }
}

/**
 * Sends a script, the first time on a connection only when the user may do all that it does (see
 * {@link Rights}): by its hash, and with its source when the server does not know it (restart,
 * `SCRIPT FLUSH`, failover). NOSCRIPT is a definite refusal, so the second try cannot apply the call twice.
 *
 * @param state of the call: once that is over, nothing more is sent.
 */
export async function sendScript<Key extends string, Argument extends string, Reply>(
  client: Redis | Cluster,
  script: Script<Key, Argument, Reply>,
  call: ScriptCall<Key, Argument>,
  state?: CallState,
): Promise<Reply> {
  const rights = rightsOf(client)
  if (rights !== undefined && !rights.covers(script, call)) {
    await rights.learn(script, call)
    throwIfOver(state)
  }
  const parameters = scriptParameters(script.sha, script, call)
  try {
    return (await new ScriptCommand('evalsha', parameters).sendTo(client)) as Reply
  } catch (error) {
    rights?.failed(error)
    if (!isUnknown(error)) throw error
    throwIfOver(state)
  }
  parameters[0] = script.source
  return (await new ScriptCommand('eval', parameters).sendTo(client)) as Reply
}

/** The caller was told that the call failed, so it must not happen. */
export function throwIfOver(state: CallState | undefined): void {
  if (state?.over === true) throw new ClosingError('the call')
}

/** What EVALSHA and EVAL take: the hash or the source, the number of keys, the keys, the arguments. */
export function scriptParameters<Key extends string, Argument extends string>(
  text: string,
  script: Script<Key, Argument, unknown>,
  call: ScriptCall<Key, Argument>,
): ScriptArgument[] {
  const parameters: ScriptArgument[] = [text, script.keys.length]
  for (const key of script.keys) parameters.push(call.keys[key])
  for (const argument of script.arguments) parameters.push(call.arguments[argument])
  // A loop, not a spread: a batch may have more values than a call stack takes.
  if (call.rest !== undefined) for (const value of call.rest) parameters.push(value)
  return parameters
}

/** Whether the server does not know the hash of a script. */
export function isUnknown(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
