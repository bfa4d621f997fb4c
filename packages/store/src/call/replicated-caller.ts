import { Command, type Redis } from 'ioredis'
import { rightsOf } from '../access/rights.ts'
import type { CallBounds, Caller, CallState, Client } from './caller.ts'
import { CommandError, ConfigurationError } from '../errors/errors.ts'
import { isCluster } from '../connection/own-redis.ts'
import { classifyFailure, isBlindRefusal } from './reply-error.ts'
import { because } from '../errors/ripen-error.ts'
import { isUnknown, scriptParameters, throwIfOver, type Script, type ScriptCall } from '../script/script.ts'

/** Which servers must have a write before it counts. */
export interface Replication {
  readonly replicas: number
  /** They, and the primary, have it on disk too. */
  readonly fsync: boolean
  /** How long they may take, in ms. */
  readonly timeout: number
}

/** The answer of a script, and whether enough replicas had it in time; `cause` is why that cannot be told. */
export interface Replicated<Reply> {
  readonly reply: Reply
  readonly confirmed: boolean
  readonly cause?: unknown
}

/** One WAIT takes at most this long, in ms: it holds back what comes after it on the connection. */
const slice = 1_000

/**
 * Calls that are answered once replicas have what they wrote. They have a connection of their own, opened by
 * the first of them.
 */
export class ReplicatedCaller {
  readonly #caller: Caller
  /** Whether the server knows WAIT, and with `fsync` WAITAOF. */
  readonly #known: Set<boolean>
  readonly #checks = new Map<boolean, Promise<void>>()

  /**
   * @param caller whose connection nobody else uses, but for views.
   * @param known of the one that it is a view of.
   */
  constructor(caller: Caller, known: Set<boolean> = new Set()) {
    this.#caller = caller
    this.#known = known
  }

  /** As {@link Caller.view}. */
  view(face: (client: Client) => Client): ReplicatedCaller {
    return new ReplicatedCaller(this.#caller.view(face), this.#known)
  }

  /**
   * Runs a script, which must write in every case, also when it finds that the call is a copy, and must be
   * safe to send again: WAIT counts from the last write of its connection, and on a new one would else
   * confirm anything.
   *
   * @throws as {@link Caller.call}; ConfigurationError, before anything is written, when the server cannot
   *   tell of replicas.
   */
  async script<Key extends string, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
    call: ScriptCall<Key, Argument>,
    replication: Replication,
    bounds?: CallBounds,
  ): Promise<Replicated<Reply>> {
    await this.#check(replication.fsync, bounds)
    const { clock } = this.#caller
    const end = clock.now() + replication.timeout
    let answer: Replicated<Reply> | undefined
    for (;;) {
      const left = Math.max(1, Math.ceil(end - clock.now()))
      try {
        answer = await this.#caller.call(
          (client, _again, state) => sendReplicated(client, script, call, replication, Math.min(left, slice), state),
          bounds,
        )
      } catch (error) {
        // It was there before.
        if (answer !== undefined && isBlindRefusal(error)) return { ...answer, cause: error }
        throw error
      }
      if (answer.confirmed || answer.cause !== undefined || clock.now() >= end) return answer
    }
  }

  /** Once, if it succeeds. */
  async #check(fsync: boolean, bounds: CallBounds | undefined): Promise<void> {
    if (this.#known.has(fsync)) return
    let check = this.#checks.get(fsync)
    if (check === undefined) {
      check = this.#caller.call((client) => checkReplication(client, fsync), bounds).finally(() => this.#checks.delete(fsync))
      this.#checks.set(fsync, check)
    }
    await check
    this.#known.add(fsync)
  }

  close(): void {
    this.#caller.close()
  }
}

/** Sends the script and, behind it on the same connection, WAIT or WAITAOF. */
async function sendReplicated<Key extends string, Argument extends string, Reply>(
  client: Client,
  script: Script<Key, Argument, Reply>,
  call: ScriptCall<Key, Argument>,
  { replicas, fsync }: Replication,
  timeout: number,
  state: CallState,
): Promise<Replicated<Reply>> {
  const rights = rightsOf(client)
  if (rights !== undefined && !rights.covers(script, call)) {
    await rights.learn(script, call)
    throwIfOver(state)
  }
  const node = nodeOf(client, Object.values<string>(call.keys)[0] ?? '')
  const wait = fsync ? ['waitaof', 1, replicas, timeout] : ['wait', replicas, timeout]
  const send = async (command: 'evalsha' | 'eval', text: string): Promise<[Error | null, unknown][]> =>
    (await node.pipeline([[command, ...scriptParameters(text, script, call)], wait]).exec()) ?? []
  let [ran, waited] = await send('evalsha', script.sha)
  if (isUnknown(ran?.[0])) {
    throwIfOver(state)
    ;[ran, waited] = await send('eval', script.source)
  }
  if (ran === undefined || waited === undefined) throw new Error('the server did not answer all')
  const [[failure, reply], [unsure, count]] = [ran, waited]
  if (failure !== null) {
    rights?.failed(failure)
    if (isCluster(client)) client.refreshSlotsCache() // it may have moved
    throw failure
  }
  if (unsure === null) return { reply: reply as Reply, confirmed: isEnough(count, replicas) }
  if (classifyFailure(unsure).kind !== 'final') throw unsure
  return { reply: reply as Reply, confirmed: false, cause: unsure }
}

/**
 * The connection to the node of a key: WAIT has no key that would lead it there. (A pipeline of ioredis'
 * Cluster does lead it, and does not end when its node dies.)
 */
function nodeOf(client: Client, key: string): Redis {
  if (!isCluster(client)) return client
  const place = client.slots[new Command('exists', [key]).getSlot()]?.[0]
  const node = client.nodes().find(({ options }) => `${options.host}:${options.port}` === place)
  if (node !== undefined) return node
  client.refreshSlotsCache()
  throw new Error("Cluster isn't known for that slot yet")
}

/**
 * WAIT answers how many replicas have it; WAITAOF whether the primary has it on disk, and how many replicas
 * have.
 */
function isEnough(count: unknown, replicas: number): boolean {
  return Array.isArray(count) ? Number(count[0]) >= 1 && Number(count[1]) >= replicas : Number(count) >= replicas
}

async function checkReplication(client: Client, fsync: boolean): Promise<void> {
  try {
    await (fsync ? client.call('waitaof', 1, 0, 1) : client.call('wait', 0, 1))
  } catch (error) {
    // Another refusal tells nothing of what the server can do.
    if (!(classifyFailure(error).error instanceof CommandError)) throw error
    const refusal = fsync
      ? new ConfigurationError('durability.fsync', 'needs a server with WAITAOF (Redis 7.2, Valkey) and appendonly', fsync)
      : new ConfigurationError('durability', 'needs a server with WAIT and replicas; the embedded one in memory has none')
    throw because(refusal, error)
  }
}
