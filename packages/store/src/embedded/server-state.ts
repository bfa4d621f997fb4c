import {
  createHashData,
  createListData,
  createRedisLuaRuntime,
  createSetData,
  createSortedSetData,
  createStringData,
  RedisCommandError,
  RedisKeyspace,
  RedisServerState,
  type RedisDatabase,
  type RedisDataValue,
  type RedisLuaRuntime,
} from 'js-redis-server/core'

type ScriptReply = ReturnType<RedisLuaRuntime['eval']>

/**
 * The data of the embedded server: js-redis-server's, mended where it differs from Redis in what scripts see,
 * survives a fault of Lua, and does not copy a key to read it.
 */
export class ServerState extends RedisServerState {
  #lua: Promise<RedisLuaRuntime> | undefined

  /** @param password what clients have to give. */
  constructor(password: string) {
    super({ requirepass: password, databaseCount: 16 })
    for (const database of this.databases) readInPlace(database)
  }

  override getLuaRuntime(): Promise<RedisLuaRuntime> {
    this.#lua ??= this.#createLua()
    return this.#lua
  }

  async #createLua(): Promise<RedisLuaRuntime> {
    const runtime = await createRedisLuaRuntime(this.profile)
    const evaluate = runtime.eval.bind(runtime)
    runtime.eval = (...call) => {
      try {
        return withOwnCode(evaluate(...call))
      } catch (error) {
        // Out of its 64 MB, the WebAssembly runtime fails for this script and, if kept, for every later one.
        if (!(error instanceof RedisCommandError)) this.#lua = undefined
        throw error
      }
    }
    return runtime
  }
}

/**
 * Redis takes the first word of `redis.error_reply('CODE text')` as the code; js-redis-server puts `ERR`
 * before it.
 */
function withOwnCode(reply: ScriptReply): ScriptReply {
  if (reply === null || typeof reply !== 'object' || Array.isArray(reply) || !('err' in reply)) return reply
  const raised = 'meta' in reply && reply.meta !== undefined
  if (raised || !/^[A-Z][A-Z0-9_]{3,} /.test(reply.err.toString())) return reply
  return { err: reply.err }
}

/**
 * js-redis-server copies a whole collection each time a command reads or changes it: taking 50 of 20,000
 * members took 44 ms, and takes 5 ms this way. Its commands change a collection only through `update` and
 * `set`, so reading in place is safe; strings are copied as before, since some commands change those bytes.
 */
function readInPlace(database: RedisDatabase): void {
  const keyspace: unknown = database['keyspace']
  if (!(keyspace instanceof RedisKeyspace)) throw new TypeError('this release of js-redis-server is not the one that Ripen was built for')
  const find = (key: Buffer): { readonly value: RedisDataValue } | null => keyspace['getLiveEntry'](key)
  keyspace.get = (key) => {
    const value = find(key)?.value ?? null
    return value?.type === 'string' ? createStringData(value.value) : value
  }
  const { mutations } = database
  const emit = mutations.emit.bind(mutations)
  // Listeners, keyspace notifications and blocked clients, ask for a value's type and not for the value,
  // which would be copied for each.
  mutations.emit = (event) => emit(event.type === 'write' ? { ...event, value: emptyOf[event.value.type] } : event)
}

const emptyOf: Record<RedisDataValue['type'], RedisDataValue> = {
  string: createStringData(Buffer.alloc(0)),
  hash: createHashData(),
  list: createListData(),
  set: createSetData(),
  zset: createSortedSetData(),
  stream: {
    type: 'stream',
    entries: [],
    lastId: { ms: 0n, seq: 0n },
    entriesAdded: 0,
    maxDeletedEntryId: { ms: 0n, seq: 0n },
    groups: new Map(),
  },
}
