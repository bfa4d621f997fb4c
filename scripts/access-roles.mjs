// What each role may do on the server, as rules of ACL SETUSER: the commands and keys of the scripts that it
// runs, and what it sends besides. Each script names the roles that run it in a line
// `-- @role worker, reader`. docs/security.md is made of it, and test/access tries it.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { luaOf, nameOf } from './lua-fragments.mjs'
import { projectRoot } from './package-manager.mjs'

const packages = ['store', 'queue']

/** The scripts of the built packages, by name. */
export async function builtScripts() {
  const modules = await Promise.all(
    packages.map((name) => import(pathToFileURL(join(projectRoot, 'packages', name, 'dist/scripts.generated.js')).href)),
  )
  const { Composition } = await import(pathToFileURL(join(projectRoot, 'packages/queue/dist/features/composition.js')).href)
  const scripts = modules.flatMap((module) => Object.values(module).filter((value) => 'sha' in value))
  return new Map(
    scripts.map((script) => {
      const variants = Composition.all.complete(script)
      const [one] = variants
      const union = (part) => [...new Set(variants.flatMap((variant) => variant[part]))]
      return [script.name, { ...one, keys: union('keys'), commands: union('commands') }]
    }),
  )
}

/** INFO: ioredis asks it whether the server has loaded its data, and Ripen whether it evicts keys. */
const everyone = ['eval', 'evalsha', 'info', 'time']
const listens = ['subscribe', 'unsubscribe']

const queue = '{ripen:mail:0}'
const tree = '{ripen::tree}'
const section = '{ripen::tree:visits}'
const locks = '{ripen::locks}'
const channel = '{ripen::_ipc_status}'
const registry = '{ripen::endpoint}'
const messages = '{ripen::messages:inbox}'
const workers = '{ripen::endpoint:worker-*}'
const provider = '{ripen::endpoint:boiler}'

const registryKeys = ['providers', 'names', 'seen']
const providerKeys = ['values', 'settings', 'locks', 'logged', 'due', 'claims', 'applied', 'requests', 'pending', 'deadlines']

/** `at` is the hash tag of the structure; keys that are none of its scripts' are given by their pattern. */
const specifications = [
  { name: 'producer', does: 'adds jobs to the queue `mail`', at: queue, channels: [`${queue}:news:*`] },
  {
    name: 'waiter',
    does: 'waits for results and watches jobs',
    at: queue,
    commands: listens,
    keys: [`${queue}:progress:*`],
    channels: [`${queue}:news:*`, `${queue}:progress:*`],
  },
  {
    name: 'scheduler',
    does: 'makes, pauses and removes schedules; with `producer` it triggers them too',
    at: queue,
  },
  { name: 'reader', does: 'reads jobs and counts', at: queue },
  {
    name: 'operator',
    does: 'cancels, removes, retries, promotes, pauses, clears, and reads',
    at: queue,
    channels: [`${queue}:news:*`, `${queue}:cancels:*`],
  },
  {
    name: 'doctor',
    does: '`verifyQueue`, also with `repair`',
    at: queue,
  },
  {
    name: 'worker',
    does: 'runs the jobs, with `steering: false`',
    at: queue,
    commands: ['blpop', ...listens],
    keys: [`${queue}:progress:*`],
    channels: [`${queue}:news:*`, `${queue}:cancels:*`, `${queue}:progress:*`],
  },
  {
    name: 'steered worker',
    does: 'what a `worker` needs besides, to be read and steered from elsewhere',
    at: workers,
    commands: ['unlink', ...listens],
    keys: [...registryKeys.map((key) => `${registry}:${key}`), ...providerKeys.map((key) => `${workers}:${key}`)],
    channels: [`${registry}:alerts:*`, `${registry}:answers:*`, `${workers}:wake:*`],
  },
  {
    name: 'steering',
    does: 'reads and steers all workers of the store',
    at: workers,
    commands: ['hget', ...listens],
    keys: registryKeys.map((key) => `${registry}:${key}`),
    channels: [`${registry}:answers:*`, `${workers}:wake:*`],
  },
  {
    name: 'sets',
    does: 'uses the sorted set `players`: the key is the name, without a prefix',
    commands: ['unlink', 'zcard', 'zrem', 'zscore'],
    keys: ['players'],
  },
  {
    name: 'tree',
    does: 'uses the section `visits` of the tree',
    at: section,
    commands: ['zrangebylex', ...listens],
    keys: ['sections', 'registered'].map((key) => `${tree}:${key}`),
    channels: [`${section}:changed:*`, `${tree}:changed:*`],
  },
  {
    name: 'locks',
    does: 'takes locks: all locks of a store are one structure',
    at: locks,
    commands: listens,
    channels: [`${locks}:wake:*`],
  },
  {
    name: 'channels',
    does: 'reads, writes and watches the IPC channel `status`',
    commands: listens,
    keys: [channel],
    channels: [`${channel}:changed:*`],
  },
  {
    name: 'endpoints',
    does: 'serves the provider `boiler`, asks it, and hears its alerts',
    at: provider,
    commands: ['hget', 'unlink', ...listens],
    keys: [...registryKeys.map((key) => `${registry}:${key}`), ...providerKeys.map((key) => `${provider}:${key}`)],
    channels: [`${registry}:alerts:*`, `${registry}:answers:*`, `${provider}:wake:*`],
  },
  {
    name: 'messages',
    does: 'puts and takes messages of the message queue `inbox`',
    at: messages,
    commands: ['blpop'],
    keys: [`${messages}:lane:*`],
  },
]

/** Keys of scripts that are not named after their place, and stand in `keys`. */
const elsewhere = new Set(['channel', 'set', 'lane', 'sections', 'registered', ...registryKeys])

/** The names of the roles that run each script, by its name. */
function rolesOfScripts() {
  const scripts = packages.flatMap((name) => [...luaOf(join(projectRoot, 'packages', name, 'lua')).scripts])
  return new Map(scripts.map(([script, { text }]) => [nameOf(script), /^-- @role (.+)$/m.exec(text)?.[1]?.split(', ') ?? []]))
}

/** @returns of each role: its name, what it does, the scripts that it runs, its rights. */
export function accessRoles(scripts) {
  const roles = rolesOfScripts()
  for (const [script, names] of roles)
    for (const role of names)
      if (!specifications.some(({ name }) => name === role)) throw new Error(`script ${script}: there is no role ${role}`)
  return specifications.map(({ name, does, at, commands = [], keys = [], channels = [] }) => {
    const runs = [...scripts.values()].filter((script) => roles.get(script.name)?.includes(name))
    const own = runs.flatMap((script) => script.keys.filter((key) => !elsewhere.has(key)).map((key) => `${at}:${key}`))
    const publishes = channels.length > 0
    const called = runs.flatMap((script) => script.commands).filter((command) => command !== 'publish' || publishes)
    const sorted = (values) => [...new Set(values)].sort((one, other) => (one < other ? -1 : 1))
    return {
      name,
      does,
      scripts: runs.map((script) => script.name),
      keys: sorted([...own, ...keys]),
      channels: sorted(channels),
      commands: sorted([...everyone, ...called, ...commands]),
    }
  })
}

export function rulesOf({ keys, channels, commands }) {
  return [...keys.map((key) => `~${key}`), ...channels.map((channel) => `&${channel}`), ...commands.map((command) => `+${command}`)]
}
