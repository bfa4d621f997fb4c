// The Lua files of a package: scripts, fragments, and features, each a folder of fragments named after the
// hooks of the scripts that they fill. A variant is such a folder too: what only some calls of a script need,
// whatever the features of the queue are.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { projectRoot } from './package-manager.mjs'

/** Where a feature may add to a script, and what it finds there. */
export const hooks = {
  ranking: 'beside rank(), outside of functions: what the hook `ranked` calls',
  functions: 'outside of functions: what the other hooks call',
  begin: 'settle, before its first write',
  tagged: 'in rank(): another `tag` for the job whose `row` it is',
  ranked: 'before rank() of the job `id`: its `startBy`',
  taking:
    'in take(), before the head of `ready` is looked at: may take in another way, as many as `size` tells, and leave nothing to `want`',
  taken: 'in take(), after the leases of `ids` are written',
  left: 'after the jobs `settled` have left `active`: `back` and `later` have score and id of those that go on',
  recovered: 'in recover(), for the job `id` that goes back',
  overdue: 'in settle, after the verdicts: jobs that end by themselves',
  tidy: 'in settle, after the verdicts and what is overdue: what the variant `tidy` does',
  tidied: 'in a settle that tidies, once a second: what is due for others goes to `reports`',
  next: 'in watch(): an `earliest` time at which a worker has to look again',
  ends: 'beside ended(), outside of functions',
  ending: 'the job `id` ends',
  ended: 'the ends that were gathered are written',
  lost: 'in promote(), for an `id` without a row',
  swept: 'in sweep(), for a `mark` and the `name` after it',
  dropped: 'jobs that wait, `ids`, are taken away: by cancel, clear or remove',
  erased: 'the rows of the jobs `ids` are gone',
  counted: 'in doctor-counts: the number of entries that verifyQueue will look at, to `counts`',
  used: 'in the check of a queue: names the feature in `used` when its keys hold something',
  rested: 'in rest(): nothing is in the queue any more, nobody works on it, and what the feature keeps goes',
  roused: 'what the feature keeps does not end any more: the queue is used again',
  states: 'beside visible(): more sets in `keys`',
  custom: 'in add and tick, outside of functions: what `added` and `run` call',
  added: 'in add, for the job `id` with its `row` and its time `due`: `decided` when the feature has added it or left it out',
  run: 'in tick, the same for a run of a schedule: `other` is the id of the job that stays in its stead',
  placing: 'the job `id`, whose record begins at `i`, gets its place, due at `due`: its `startBy`',
  superseded: 'the waiting job `id` becomes what the record at `i` says; it was due at `was`',
  keyed: 'beside addKeyed(), outside of functions: what the hook `held` calls',
  held: 'in addKeyed(), which has found the `holder` of a key and who is `behind` it',
}

/** Numbers that scripts share with TypeScript: those of `src/constants.ts`. */
export function constantsOf(directory) {
  const file = join(directory, '../src/constants.ts')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').matchAll(/^export const (\w+) = (-?[\d_]+)$/gm) : []
  return new Map([...lines].map(([, name, number]) => [name, number.replaceAll('_', '')]))
}

/** Puts in a text the numbers in the place of their `@constant:<name>`. */
export function withConstants(text, constants) {
  return text.replace(/@constant:(\w+)/g, (_token, name) => {
    const number = constants.get(name)
    if (number === undefined) throw new Error(`there is no constant '${name}' in src/constants.ts`)
    return number
  })
}

/** Files of a folder, by name without `.lua`. */
function readFolder(folder, constants) {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.lua')) : []
  return new Map(
    files.sort().map((file) => [basename(file, '.lua'), withConstants(readFileSync(join(folder, file), 'utf8').trimEnd(), constants)]),
  )
}

/** The name of a script in TypeScript. */
export function nameOf(script) {
  return script.replace(/-(\w)/g, (_dash, letter) => letter.toUpperCase())
}

/**
 * @returns everything that a script of the package may be composed of, and the scripts: those of the package,
 *   and those that only a feature needs, `features/<name>/scripts/*.lua`.
 */
export function luaOf(directory) {
  const constants = constantsOf(directory)
  const read = (folder) => readFolder(folder, constants)
  const fragments = new Map([...read(join(projectRoot, 'packages/store/lua/fragments')), ...read(join(directory, 'fragments'))])
  const hooked = new Map()
  const scripts = new Map([...read(directory)].map(([name, text]) => [name, { file: `${name}.lua`, text }]))
  const readParts = (kind) => {
    const folder = join(directory, kind)
    const names = existsSync(folder) ? readdirSync(folder).sort() : []
    for (const owner of names) {
      for (const [name, text] of read(join(folder, owner, 'scripts'))) {
        const file = `${kind}/${owner}/scripts/${name}.lua`
        if (scripts.has(name)) throw new Error(`${file}: there is a script of this name`)
        scripts.set(name, { file, text })
      }
      for (const [name, text] of read(join(folder, owner, 'fragments'))) {
        if (fragments.has(name)) throw new Error(`${kind}/${owner}/fragments/${name}.lua: there is a fragment of this name`)
        fragments.set(name, text)
      }
      for (const [hook, text] of read(join(folder, owner))) {
        if (!(hook in hooks))
          throw new Error(`${kind}/${owner}/${hook}.lua: no script has the hook '${hook}'; known are ${Object.keys(hooks).join(', ')}`)
        hooked.set(`${hook} ${owner}`, text)
      }
    }
    return names
  }
  return { fragments, features: readParts('features'), variants: readParts('variants'), hooked, scripts }
}

/**
 * Puts fragments in place, each once (`@composed` ones only where there are features), and those of the
 * features and variants of a set where their hooks are. `packages/queue/src/features/compose-script.ts` does
 * the same at run time.
 */
export function compose(lua, source, set, seen = new Set()) {
  return source.replace(/^ *-- @(include|composed|hook) (\S+)\n?/gm, (_line, kind, name) => {
    if (kind === 'hook') {
      if (!(name in hooks)) throw new Error(`there is no hook '${name}'; known are ${Object.keys(hooks).join(', ')}`)
      const texts = set.map((feature) => lua.hooked.get(`${name} ${feature}`)).filter((text) => text !== undefined)
      return texts.map((text) => `${compose(lua, text, set, seen)}\n`).join('')
    }
    if (seen.has(name) || (kind === 'composed' && !set.some((one) => lua.features.includes(one)))) return ''
    seen.add(name)
    const text = lua.fragments.get(name)
    if (text === undefined) throw new Error(`there is no fragment '${name}'`)
    return `${compose(lua, text, set, seen)}\n`
  })
}

/** The keys that a feature's fragments name with `-- @keys`. */
export function keysOf(lua, feature) {
  const own = [...lua.hooked].filter(([name]) => name.endsWith(` ${feature}`)).map(([, text]) => text)
  return [...new Set(own.flatMap((text) => [...text.matchAll(/^-- @keys (.+)$/gm)].flatMap(([, names]) => names.split(', '))))]
}

/**
 * Those features of a set that add to the record of a job in `add`: one value each, in this order, after id,
 * row and due time.
 */
export function recorded(lua, set) {
  const texts = [...lua.hooked.values(), ...lua.fragments.values()]
  return set.filter((feature) => texts.some((text) => text.includes(`@extra:${feature}`)))
}

/**
 * Fills in what depends on the set: its name, the length of a record in `add`, and where in it a feature
 * finds its value.
 */
export function fill(lua, text, set) {
  const extras = recorded(lua, set)
  return text
    .replaceAll('@features', set.filter((name) => lua.features.includes(name)).join(' '))
    .replaceAll('@record', String(3 + extras.length))
    .replace(/@extra:(\w+)/g, (_name, feature) => String(3 + extras.indexOf(feature)))
}

/**
 * Without comments and empty lines. @param markers whether lines that stand for a fragment or a hook stay.
 */
export function strip(text, markers = false) {
  return text
    .replace(markers ? /^\s*--(?! @(?:include|composed|hook) ).*\n/gm : /^\s*--.*\n/gm, '')
    .replace(/^\s*\n/gm, '')
    .trim()
}
