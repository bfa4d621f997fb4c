import { ConfigurationError } from '@ripen/store'
import type { Script } from '@ripen/store/internal'
import { createHash } from 'node:crypto'
import { features, luaParts, templates, variants } from '../scripts.generated.ts'

export type FeatureName = keyof typeof features

/**
 * What only some calls of a script need, whatever the features of the queue are. It is part of the script,
 * not of the queue.
 */
export type Variant = keyof typeof variants

const known = new Map<string, Composition>()

/**
 * Scripts for queues that use certain features. A queue that uses none runs the plain scripts; others run
 * them with the features' parts where their hooks are, composed here when first needed, as
 * `scripts/lua-fragments.mjs` does it for the scripts that have all features.
 */
export class Composition {
  /** As `meta` has it: the names, sorted, with blanks. */
  readonly text: string
  readonly features: readonly FeatureName[]
  /** Those that add a value to the record of a job in `add`, in this order. */
  readonly recorded: readonly FeatureName[]
  readonly #scripts = new Map<Variant | undefined, Map<string, Script<string, string, unknown>>>()

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

  script<Key extends string, Argument extends string, Reply>(
    plain: Script<Key, Argument, Reply>,
    variant?: Variant,
  ): Script<Key, Argument, Reply> {
    if (this.text === '' && variant === undefined) return plain
    let scripts = this.#scripts.get(variant)
    if (scripts === undefined) this.#scripts.set(variant, (scripts = new Map()))
    let script = scripts.get(plain.name)
    if (script === undefined) scripts.set(plain.name, (script = this.#compose(plain, variant)))
    return script as Script<Key, Argument, Reply>
  }

  /**
   * A script as it is composed for these features, and each of its variants; one that is not composed at run
   * time has them all already.
   */
  complete<Key extends string, Argument extends string, Reply>(
    script: Script<Key, Argument, Reply>,
  ): readonly Script<Key, Argument, Reply>[] {
    const template = templates[script.name]
    if (template === undefined) return [script]
    const names = (Object.keys(variants) as Variant[]).filter((name) => template.includes(`-- @hook ${name}\n`))
    return [this.script(script), ...names.map((name) => this.script(script, name))]
  }

  #compose(plain: Script<string, string, unknown>, variant: Variant | undefined): Script<string, string, unknown> {
    const owners = variant === undefined ? this.features : [variant, ...this.features]
    const own = owners.flatMap((name): readonly string[] => ({ ...features, ...variants })[name].keys)
    const added = [...new Set(own)].filter((key) => !plain.keys.includes(key))
    const body = this.#fill(expand(templates[plain.name] ?? '', owners, new Set()))
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

  #fill(text: string): string {
    return text
      .replaceAll('@features', this.text)
      .replaceAll('@record', String(3 + this.recorded.length))
      .replace(/@extra:(\w+)/g, (_token, name) => String(3 + this.recorded.indexOf(name as FeatureName)))
  }
}

/** Fragments in place, each once, and the parts of the features and the variant where their hooks are. */
function expand(text: string, owners: readonly string[], seen: Set<string>): string {
  return `${text}\n`
    .replace(/^ *-- @(include|composed|hook) (\S+)\n/gm, (_line, kind: string, name: string) => {
      if (kind === 'hook') return owners.map((owner) => partOf(`${name} ${owner}`, owners, seen)).join('')
      if (seen.has(name) || (kind === 'composed' && !owners.some((owner) => owner in features))) return ''
      seen.add(name)
      return partOf(name, owners, seen)
    })
    .trimEnd()
}

function partOf(name: string, owners: readonly string[], seen: Set<string>): string {
  const part = luaParts[name]
  return part === undefined ? '' : `${expand(part, owners, seen)}\n`
}
