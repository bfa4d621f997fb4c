// Embeds packages/*/lua/*.lua and packages/*/lua/features/*/scripts/*.lua as committed TypeScript,
// packages/*/src/scripts.generated.ts, and the version of the store. With --check it only compares.
//
// A script's first lines name its inputs, and this program reads them, so that a wrong name is a compile
// error:
//   local jobs, ready = KEYS[1], KEYS[2]
//   local offset, want = ARGV[1], ARGV[2]
//   -- @reply [taken: string[], next: string]        the TypeScript type of the reply
//   -- @role worker, reader                           who runs it: see scripts/access-roles.mjs
//   -- @include now                                  lua/fragments/now.lua in its place; the store's, if the package has none
//   -- @hook taken                                   lua/features/<feature>/taken.lua in its place, of every feature; and lua/variants/<variant>/taken.lua in the variants of a composed script
//   -- @compose                                      without features, and as a template that is composed at run time for the features that a queue uses
// From the rest it reads which commands the script calls, and to which channels it publishes: what a user
// needs who calls it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { compose, fill, keysOf, luaOf, nameOf, recorded, strip } from './lua-fragments.mjs'
import { checkIdleNeeds, checkNames, checkNeeds, namesOf } from './lua-names.mjs'
import { projectRoot as root } from './package-manager.mjs'

/** The names a script gives to KEYS or ARGV, in order; throws when an index is out of place. */
function inputs(file, source, table) {
  const names = []
  for (const [, left, right] of source.matchAll(new RegExp(`^local ([\\w, ]+) = (${table}\\[\\d+\\](?:, ${table}\\[\\d+\\])*)$`, 'gm'))) {
    const locals = left.split(', ')
    const indices = [...right.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]))
    if (locals.length !== indices.length) throw new Error(`${file}: ${left} = ${right} do not match`)
    for (const [position, index] of indices.entries()) {
      if (index !== names.length + 1) throw new Error(`${file}: ${table}[${index}] is out of order`)
      names.push(locals[position])
    }
  }
  return names
}

function sorted(texts) {
  return [...new Set(texts)].sort((one, other) => (one < other ? -1 : 1))
}

/** The commands that a script calls, sorted, in lower case. */
function commandsOf(lua) {
  const commands = [...lua.matchAll(/redis\.p?call\('([A-Z]+)'/g)].map(([, command]) => command.toLowerCase())
  return sorted(commands)
}

/** The arguments that are channels: what is given to the fragment `hint`. */
function channelsOf(file, lua, args) {
  const channels = new Set([...lua.matchAll(/(?<!function )\bhint\((\w+),/g)].map(([, channel]) => channel))
  for (const channel of channels) if (!args.includes(channel)) throw new Error(`${file}: the channel ${channel} is no argument`)
  return sorted(channels)
}

/** Adds keys to those that a script names itself. */
function withKeys(source, wanted) {
  const named = inputs('keys', source, 'KEYS')
  const missing = wanted.filter((key) => !named.includes(key))
  if (missing.length === 0) return source
  const line = `local ${missing.join(', ')} = ${missing.map((_key, index) => `KEYS[${named.length + index + 1}]`).join(', ')}`
  const last = [...source.matchAll(/^local .* = KEYS\[.*$/gm)].at(-1)
  const end = last.index + last[0].length
  return `${source.slice(0, end)}\n${line}${source.slice(end)}`
}

/**
 * A script for queues that use these features, with the keys of those that have a part in it; a template has
 * those of all.
 */
function composed(lua, file, original, set, template) {
  const text = strip(fill(lua, compose(lua, original, set), set))
  const free = template ? undefined : new Set(namesOf(text).free)
  const keys = set.flatMap((feature) => keysOf(lua, feature)).filter((key) => free === undefined || free.has(key))
  const whole = withKeys(text, [...new Set(keys)])
  checkNames(file, whole)
  return whole
}

function scriptOf(file, name, original, lua) {
  const reply = /^-- @reply (.+)$/m.exec(original)?.[1]
  if (reply === undefined) throw new Error(`${file}: no @reply`)
  const keys = inputs(file, lua, 'KEYS')
  const args = inputs(file, lua, 'ARGV')
  const sha = createHash('sha1').update(lua).digest('hex')
  const union = (names) => (names.length > 0 ? names.map((name) => `'${name}'`).join(' | ') : 'never')
  return `/** \`lua/${file}\` */
export const ${name}Script: Script<${union(keys)}, ${union(args)}, ${reply}> = {
  name: '${name}',
  keys: ${JSON.stringify(keys)},
  arguments: ${JSON.stringify(args)},
  commands: ${JSON.stringify(commandsOf(lua))},
  channels: ${JSON.stringify(channelsOf(file, lua, args))},
  sha: '${sha}',
  source: ${JSON.stringify(lua)},
}
`
}

/** The texts that a template may need, and what is known of each feature. */
function partsOf(lua, templates) {
  const needed = new Map()
  const owners = [...lua.variants, ...lua.features]
  const collect = (text) => {
    for (const [, kind, name] of text.matchAll(/^ *-- @(include|composed|hook) (\S+)$/gm)) {
      const texts =
        kind === 'hook'
          ? owners.map((owner) => [`${name} ${owner}`, lua.hooked.get(`${name} ${owner}`)])
          : [[name, lua.fragments.get(name)]]
      for (const [key, part] of texts) {
        if (part === undefined || needed.has(key)) continue
        needed.set(key, strip(part, true))
        collect(part)
      }
    }
  }
  for (const text of templates.values()) collect(text)
  const features = Object.fromEntries(
    lua.features.map((feature) => [feature, { keys: keysOf(lua, feature), recorded: recorded(lua, [feature]).length > 0 }]),
  )
  return `/** The features of \`lua/features\`: the keys that each needs, and whether it adds a value to the record of a job in \`add\`. */
export const features = ${JSON.stringify(features)} as const

/** The variants of \`lua/variants\`, and the keys that each needs. */
export const variants = ${JSON.stringify(Object.fromEntries(lua.variants.map((variant) => [variant, { keys: keysOf(lua, variant) }])))} as const

/** What templates are composed of: fragments by name, and hooks by name and feature. */
export const luaParts: Readonly<Record<string, string>> = ${JSON.stringify(Object.fromEntries(sorted(needed.keys()).map((key) => [key, needed.get(key)])))}

/** Scripts that are composed for the features of a queue, by name. */
export const templates: Readonly<Record<string, string>> = ${JSON.stringify(Object.fromEntries([...templates].map(([name, text]) => [name, strip(text, true)])))}
`
}

function generate(directory) {
  const lua = luaOf(directory)
  checkNeeds(lua)
  // A line that somebody has just taken out to try something is no reason not to embed.
  if (process.argv.includes('--check')) checkIdleNeeds(lua)
  const templates = new Map()
  const parts = [...lua.scripts].map(([script, { file, text: original }]) => {
    const name = nameOf(script)
    if (!/^-- @compose$/m.test(original)) return scriptOf(file, name, original, composed(lua, file, original, lua.features, false))
    templates.set(name, original)
    for (const set of [...lua.features, ...lua.variants, lua.features, [...lua.variants, ...lua.features]])
      composed(lua, file, original, [set].flat(), true)
    return scriptOf(file, name, original, composed(lua, file, original, [], true))
  })
  if (templates.size > 0) parts.push(partsOf(lua, templates))
  const origin = directory.includes(join('packages', 'store')) ? './script/script.ts' : '@ripen/store/internal'
  return `// Generated by scripts/embed-scripts.mjs from lua/*.lua: do not edit.\nimport type { Script } from '${origin}'\n\n${parts.join('\n')}`
}

let stale = false
function write(target, text) {
  const current = existsSync(target) ? readFileSync(target, 'utf8') : ''
  if (text === current) return
  const name = relative(root, target)
  if (process.argv.includes('--check')) {
    console.error(`${name} is stale: run npm run embed`)
    stale = true
  } else {
    writeFileSync(target, text)
    console.log(`wrote ${name}`)
  }
}

for (const name of readdirSync(join(root, 'packages')).sort()) {
  const directory = join(root, 'packages', name, 'lua')
  if (!existsSync(directory) || !readdirSync(directory).some((file) => file.endsWith('.lua'))) continue
  const target = join(root, 'packages', name, 'src', 'scripts.generated.ts')
  write(target, generate(directory))
}
const { version } = JSON.parse(readFileSync(join(root, 'packages/store/package.json'), 'utf8'))
write(
  join(root, 'packages/store/src/version.generated.ts'),
  `// Generated by scripts/embed-scripts.mjs from package.json: do not edit.
/** Of all packages: they are released together. */
export const version = '${version}'
`,
)
process.exitCode = stale ? 1 : 0
