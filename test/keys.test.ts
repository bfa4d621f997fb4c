import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesChannel, channelKey } from '../packages/store/src/channel/channel-keys.ts'
import {
  alertChannel,
  answerChannel,
  providerKeys,
  registryKeys,
  wakeChannel as requestChannel,
} from '../packages/store/src/endpoint/keys.ts'
import { lockKeys, wakeChannel as lockChannel } from '../packages/store/src/lock/lock-keys.ts'
import { laneKey, messageKeys } from '../packages/store/src/message-queue/message-keys.ts'
import { changesChannel as treeChannel, rootKeys, sectionKeys } from '../packages/store/src/tree/tree-keys.ts'
import { progressKey, shardChannels, shardKeys } from '../packages/queue/src/shard/keys.ts'

// No two of prefix, kind of structure, name and database share a key or a channel, and all keys of one
// structure are in one slot.

interface Structure {
  readonly prefix: string
  readonly name: string
  /** A second text: the id of a job, the name of a lane, or of a client. */
  readonly part: string
  readonly database: number
}

/**
 * What each kind uses on the server, by what tells it apart within the kind; keys and channels are two
 * spaces.
 */
interface Used {
  readonly keys: Readonly<Record<string, readonly string[]>>
  readonly channels: Readonly<Record<string, readonly string[]>>
}

const kinds: Readonly<Record<string, (structure: Structure) => Used>> = {
  queue: ({ prefix, name, part, database }) => {
    const progress = progressKey(prefix, name, 0, part)
    return {
      keys: { [id(name)]: Object.values(shardKeys(prefix, name, 0)), [id(name, part)]: [progress] },
      channels: {
        [id(name, database)]: Object.values(shardChannels(prefix, name, 0, database)),
        [id(name, part, database)]: [changesChannel(progress, database)],
      },
    }
  },
  section: ({ prefix, name, database }) => ({
    keys: { [id(name)]: Object.values(sectionKeys(prefix, name)) },
    channels: { [id(name, database)]: [treeChannel(prefix, database, name)] },
  }),
  root: ({ prefix, database }) => ({
    keys: { '': Object.values(rootKeys(prefix)) },
    channels: { [id(database)]: [treeChannel(prefix, database, undefined)] },
  }),
  locks: ({ prefix, database }) => ({
    keys: { '': Object.values(lockKeys(prefix)) },
    channels: { [id(database)]: [lockChannel(prefix, database)] },
  }),
  channel: ({ prefix, name, database }) => {
    const key = channelKey(prefix, name)
    return { keys: { [id(name)]: [key] }, channels: { [id(name, database)]: [changesChannel(key, database)] } }
  },
  provider: ({ prefix, name, database }) => ({
    keys: { [id(name)]: Object.values(providerKeys(prefix, name)) },
    channels: { [id(name, database)]: [requestChannel(prefix, name, database)] },
  }),
  registry: ({ prefix, part, database }) => ({
    keys: { '': Object.values(registryKeys(prefix)) },
    channels: { [id(database)]: [alertChannel(prefix, database)], [id(part, database)]: [answerChannel(prefix, part, database)] },
  }),
  messages: ({ prefix, name, part }) => ({
    keys: { [id(name)]: Object.values(messageKeys(prefix, name)), [id(name, part)]: [laneKey(prefix, name, part)] },
    channels: {},
  }),
}

const id = (...parts: readonly (string | number)[]): string => JSON.stringify(parts)

const words = [
  '',
  '%',
  '{',
  '}',
  '%3A',
  '%25',
  '0',
  '1',
  'tree',
  'locks',
  'endpoint',
  'messages',
  '_ipc_',
  'a',
  'progress',
  'changed',
  'é',
  '🦊',
]
const kind = fc.constantFrom(...Object.keys(kinds))
const database = fc.constantFrom(0, 1, 10)

/** One text, cut at several places into the names of structures: what runs together does so here. */
const structures = fc.array(fc.constantFrom(...words), { minLength: 3, maxLength: 6 }).chain((parts) => {
  const cut = fc.nat(parts.length - 1)
  const named = fc.tuple(kind, cut, cut, database).map(([kindOf, one, other, selected]) => {
    const [first, second] = [Math.min(one, other) + 1, Math.max(one, other) + 1]
    const [prefix, name, part] = [parts.slice(0, first), parts.slice(first, second), parts.slice(second)].map((some) => some.join(':'))
    return { kind: kindOf, prefix: prefix || ':', name: name || ':', part: part || ':', database: selected }
  })
  return fc.array(named, { minLength: 2, maxLength: 60 })
})

/** What met when keys were joined without an escape, and queues stood where the other kinds did. */
const together = [
  ...['tree', 'messages', 'endpoint', '_ipc_x'].map((name) => ({ kind: 'queue', prefix: 'p', name })),
  ...['section', 'messages', 'provider', 'channel'].map((kindOf) => ({ kind: kindOf, prefix: 'p', name: '0' })),
  { kind: 'queue', prefix: 'shop', name: 'eu:mail' },
  { kind: 'queue', prefix: 'shop:eu', name: 'mail' },
].map((given) => ({ ...given, part: 'x', database: 0 }))

test('no two structures share a key or a channel, whatever their names hold', () => {
  fc.assert(
    fc.property(structures, (some) => {
      const owners = { keys: new Map<string, string>(), channels: new Map<string, string>() }
      for (const { kind: kindOf, ...given } of some) {
        const used = kinds[kindOf]!(given)
        for (const space of ['keys', 'channels'] as const) {
          for (const [within, names] of Object.entries(used[space])) {
            for (const [index, name] of names.entries()) {
              const owner = id(kindOf, given.prefix, within, index)
              expect([name, owners[space].get(name) ?? owner]).toEqual([name, owner])
              owners[space].set(name, owner)
            }
          }
        }
      }
    }),
    { numRuns: 500, examples: [[together]] },
  )
})

test('all keys of a structure carry the hash tag that its names make', () => {
  fc.assert(
    fc.property(structures, (some) => {
      for (const { kind: kindOf, ...given } of some) {
        const keys = Object.values(kinds[kindOf]!(given).keys).flat()
        const tags = new Set(keys.map((key) => /^\{[^{}]+\}/.exec(key)?.[0]))
        expect([tags.size, [...tags][0]]).toEqual([1, expect.any(String)])
      }
    }),
  )
})

test('names without the four characters stay as they are', () => {
  expect(shardKeys('ripen', 'mail', 0).jobs).toBe('{ripen:mail:0}:jobs')
  expect(shardKeys('shop', 'eu:mail', 0).jobs).toBe('{shop:eu%3Amail:0}:jobs')
  expect(shardKeys('shop:eu', 'mail', 0).jobs).toBe('{shop%3Aeu:mail:0}:jobs')
  expect(channelKey('ripen', 'door')).toBe('{ripen::_ipc_door}')
  expect(sectionKeys('ripen', 'a{b}%').nodes).toBe('{ripen::tree:a%7Bb%7D%25}:nodes')
})
