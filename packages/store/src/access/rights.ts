import type { Cluster, Redis } from 'ioredis'
import { AccessError } from '../errors/errors.ts'
import { classifyFailure, refusedRight, UnwrittenError } from '../call/reply-error.ts'
import type { Script, ScriptCall } from '../script/script.ts'
import { dryRun, trialsOf, type Trial } from './dry-run.ts'

type Client = Redis | Cluster
type AnyScript = Script<string, string, unknown>

/** What a caller is about to use. */
export interface Needs {
  readonly scripts: readonly AnyScript[]
  /** At least all keys of the scripts, by their names. */
  readonly keys: Readonly<Record<string, string>>
  readonly channels: readonly string[]
  /** Commands that are sent by themselves, in a form that does nothing. */
  readonly commands?: readonly (readonly string[])[]
}

/** A missing right, and the server's refusal. */
interface Refusal {
  readonly missing: string
  readonly reply: string
}

/** How many first keys are remembered for a script with channels. Beyond that the oldest are dropped. */
const placeLimit = 1_000
/** A hash that no script has: asks for nothing but the right to ask. */
const noScript = '0'.repeat(40)

const watched = new WeakMap<Client, Rights>()

/** From now on the scripts that are sent over this connection are tried before their first call. */
export function watchRights(client: Client): void {
  const rights = new Rights(client)
  watched.set(client, rights)
  // It may be another server now, with other users.
  for (const event of ['ready', '+node']) client.on(event, () => rights.forget())
}

/** For a face of a client. */
export function shareRights(client: Client, face: Client): void {
  const rights = watched.get(client)
  if (rights !== undefined) watched.set(face, rights)
}

export function rightsOf(client: Client): Rights | undefined {
  return watched.get(client)
}

/**
 * Which scripts the user of a connection may run. A script that the server refuses half way leaves its work
 * half done, so before its first call everything that it does is tried, in one more call, which changes
 * nothing: see {@link dryRun}. Keys need no try: the server looks at all of them before it runs a script.
 */
export class Rights {
  readonly #client: Client
  /** By script, the first keys for whose channels it was tried: they stand for the structure. */
  readonly #known = new Map<AnyScript, Set<string>>()
  readonly #learning = new Map<string, Promise<void>>()
  #source = dryRun.readOnly

  constructor(client: Client) {
    this.#client = client
  }

  covers<Key extends string>(script: Script<Key, string, unknown>, call: ScriptCall<Key, never>): boolean {
    const known = this.#known.get(script)
    return known !== undefined && (script.channels.length === 0 || known.has(placeOf(script, call)))
  }

  /** @throws AccessError; UnwrittenError when the server did not tell. */
  learn<Key extends string, Argument extends string>(
    script: Script<Key, Argument, unknown>,
    call: ScriptCall<Key, Argument>,
  ): Promise<void> {
    const id = `${script.sha} ${placeOf(script, call)}`
    let learning = this.#learning.get(id)
    if (learning === undefined) {
      const channels = script.channels.map((channel) => String(call.arguments[channel])).filter((channel) => channel !== '')
      learning = this.require({ scripts: [script], keys: call.keys, channels })
      learning = learning.finally(() => this.#learning.delete(id))
      this.#learning.set(id, learning)
    }
    return learning
  }

  /** @throws AccessError that names all that is missing; UnwrittenError when the server did not tell. */
  async require({ scripts, keys: byName, channels, commands = [] }: Needs): Promise<void> {
    const keys = [...new Set(scripts.flatMap((script) => script.keys.map((name) => byName[name] ?? '')))]
    const called = [...new Set(scripts.flatMap((script) => script.commands))]
    const [key = ''] = keys
    const alone = commands.length === 0 ? [] : [['evalsha', noScript, '1', key], ...commands]
    const found = await Promise.all([
      this.#tryInScript(trialsOf(called, key, channels), keys),
      ...alone.map((call) => this.#tryAlone(call)),
    ])
    const refusals = found.flat()
    const missing = new Set(refusals.map((refusal) => refusal.missing))
    if (missing.size > 0) throw new AccessError([...missing].join(', '), new Error(refusals[0]?.reply))
    for (const script of scripts) this.#remember(script, byName)
  }

  #remember(script: AnyScript, keys: Readonly<Record<string, string>>): void {
    let known = this.#known.get(script)
    if (known === undefined) this.#known.set(script, (known = new Set()))
    if (script.channels.length === 0) return
    known.add(placeOf(script, { keys }))
    const [oldest] = known
    if (known.size > placeLimit && oldest !== undefined) known.delete(oldest)
  }

  async #tryInScript(trials: readonly Trial[], keys: readonly string[]): Promise<Refusal[]> {
    const source = this.#source
    const groups = [trials.filter(({ harmful }) => !harmful), trials.filter(({ harmful }) => harmful)]
    const tried = groups.flat()
    let errors: unknown[]
    try {
      const texts = groups.map((group) => JSON.stringify(group.map(({ call }) => call)))
      errors = (await this.#client.call('eval', source, keys.length, ...keys, ...texts)) as unknown[]
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const refused = refusedRight(message)
      if (refused === 'key') return this.#refusedKeys(keys, message)
      if (refused !== undefined) return [{ missing: 'command eval', reply: message }]
      if (source === dryRun.readOnly && /compil/i.test(message)) {
        this.#source = dryRun.older
        return this.#tryInScript(trials, keys)
      }
      // A server that cannot be asked is left to its word at each call.
      const { kind, error: failure } = classifyFailure(error)
      if (kind === 'final' && failure.code === 'RIPEN_COMMAND') return []
      throw new UnwrittenError(error)
    }
    const refusals: Refusal[] = []
    for (let at = 0; at < errors.length; at += 2) {
      const trial = tried[Number(errors[at]) - 1]
      const message = String(errors[at + 1])
      // A server may also lack a command, or know it by another name.
      const refused = /unknown redis command/i.test(message) ? 'command' : refusedRight(message)
      if (refused !== undefined && trial !== undefined) refusals.push({ missing: trial.missing[refused], reply: message })
    }
    return refusals
  }

  async #tryAlone([command = '', ...parameters]: readonly string[]): Promise<Refusal[]> {
    try {
      await this.#client.call(command, ...parameters)
    } catch (error) {
      const reply = error instanceof Error ? error.message : ''
      const refused = refusedRight(reply)
      if (refused === 'command') return [{ missing: `command ${command}`, reply }]
      if (refused !== undefined) return [{ missing: `${refused} ${parameters[0]}`, reply }]
      if (classifyFailure(error).kind !== 'final') throw new UnwrittenError(error)
    }
    return []
  }

  async #refusedKeys(keys: readonly string[], reply: string): Promise<Refusal[]> {
    const found = await Promise.all(keys.map((key) => this.#tryAlone(['eval', 'return 1', '1', key])))
    const refused = keys.filter((_key, position) => (found[position]?.length ?? 0) > 0)
    return refused.length > 0 ? refused.map((key) => ({ missing: `key ${key}`, reply })) : [{ missing: 'a key', reply }]
  }

  /** After a refusal nothing is taken for granted: the next call of each script is tried first. */
  failed(error: unknown): void {
    if (error instanceof Error && refusedRight(error.message) !== undefined) this.forget()
  }

  forget(): void {
    this.#known.clear()
    this.#source = dryRun.readOnly
  }
}

function placeOf<Key extends string>(script: Script<Key, string, unknown>, call: Pick<ScriptCall<Key, never>, 'keys'>): string {
  const [first] = script.keys
  return first === undefined ? '' : call.keys[first]
}
