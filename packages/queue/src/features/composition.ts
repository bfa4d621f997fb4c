import { ConfigurationError } from '@ripen/store'
import type { Script } from '@ripen/store/internal'
import { createHash } from 'node:crypto'
import { features, luaParts, templates } from '../scripts.generated.ts'

export type FeatureName = keyof typeof features

const known = new Map<string, Composition>()

/**
 * Scripts for queues that use certain features. A queue that uses none runs the plain scripts; others run them with the features' parts where their hooks are, composed here when first
 * needed, as `scripts/lua-fragments.mjs` does it for the scripts that have all features.
 */
export class Composition {
  /** As `meta` has it: the names, sorted, with blanks. */
  readonly text: string
  readonly features: readonly FeatureName[]
  /** Those that add a value to the record of a job in `add`, in this order. */
  readonly recorded: readonly FeatureName[]
  readonly #scripts = new Map<string, Script<string, string, unknown>>()

  /** All features: what scripts have that are not composed at run time. */
  static readonly all = Composition.of(Object.keys(features).toSorted().join(' '))

  private constructor(text: string, names: readonly FeatureName[]) {
    this.text = text
    this.features = names
    this.recorded = names.filter((name) => features[name].recorded)
  }

  /** @throws ConfigurationError for a feature of a newer version. */
  static of(text: string): Composition {
    let composition = known.get(text)
    if (composition === undefined) {
      const names = text.split(' ').filter((name) => name !== '')
      const unknown = names.find((name) => !Object.hasOwn(features, name))
      if (unknown !== undefined)
        throw new ConfigurationError('queue', `uses the feature '${unknown}', which this version does not know: upgrade this process`)
      known.set(text, (composition = new Composition(text, names as FeatureName[])))
    }
    return composition
  }

  with(names: Iterable<FeatureName>): Composition {
    let { text } = this
    for (const name of names) if (!this.features.includes(name)) text = [...new Set([...text.split(' '), name])].toSorted().join(' ').trim()
    return text === this.text ? this : Composition.of(text)
  }

  script<Key extends string, Argument extends string, Reply>(plain: Script<Key, Argument, Reply>): Script<Key, Argument, Reply> {
    if (this.text === '') return plain
    let script = this.#scripts.get(plain.name)
    if (script === undefined) this.#scripts.set(plain.name, (script = this.#compose(plain)))
    return script as Script<Key, Argument, Reply>
  }

  /** A script as it is composed for these features; one that is not composed at run time has them all already. */
  complete<Key extends string, Argument extends string, Reply>(script: Script<Key, Argument, Reply>): Script<Key, Argument, Reply> {
    return Object.hasOwn(templates, script.name) ? this.script(script) : script
  }

  #compose(plain: Script<string, string, unknown>): Script<string, string, unknown> {
    const own = this.features.flatMap((name) => features[name].keys as readonly string[])
    const added = [...new Set(own)].filter((key) => !plain.keys.includes(key))
    const body = this.#fill(this.#expand(templates[plain.name] ?? '', new Set()))
    const line = `local ${added.join(', ')} = ${added.map((_key, index) => `KEYS[${plain.keys.length + index + 1}]`).join(', ')}`
    const lastKeys = body.lastIndexOf('KEYS[')
    const end = body.indexOf('\n', lastKeys)
    const source = added.length === 0 ? body : `${body.slice(0, end)}\n${line}${body.slice(end)}`
    const commands = new Set(Array.from(source.matchAll(/redis\.p?call\('([A-Z]+)'/g), ([, command = '']) => command.toLowerCase()))
    return {
      ...plain,
      keys: [...plain.keys, ...added],
      commands: [...commands].toSorted(),
      sha: createHash('sha1').update(source).digest('hex'),
      source,
    }
  }

  #expand(text: string, seen: Set<string>): string {
    return `${text}\n`
      .replace(/^ *-- @(include|composed|hook) (\S+)\n/gm, (_line, kind: string, name: string) => {
        if (kind === 'hook') return this.features.map((feature) => this.#part(`${name} ${feature}`, seen)).join('')
        if (seen.has(name)) return ''
        seen.add(name)
        return this.#part(name, seen)
      })
      .trimEnd()
  }

  #part(name: string, seen: Set<string>): string {
    const part = luaParts[name]
    return part === undefined ? '' : `${this.#expand(part, seen)}\n`
  }

  #fill(text: string): string {
    return text
      .replaceAll('@features', this.text)
      .replaceAll('@record', String(3 + this.recorded.length))
      .replace(/@extra:(\w+)/g, (_token, name) => String(3 + this.recorded.indexOf(name as FeatureName)))
  }
}
