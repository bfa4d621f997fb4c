import { isOwnOption } from '../job/own-options.ts'

/** Options as they were given: a text that says all that jobs can share of them, and the others. */
interface SplitOptions {
  readonly text: string
  readonly own: Readonly<Record<string, unknown>> | undefined
}

/** No text that is given can be taken for the marks between names and values. */
const plainText = /^[\w. -]{1,40}$/

/**
 * Different options have different texts; the same options, written in another order, may have several.
 *
 * @param given options, not checked yet.
 * @returns undefined for anything else than a plain object of numbers, booleans and short texts, or of plain
 *   objects of these.
 */
export function sharedText(given: unknown): SplitOptions | undefined {
  if (!isPlain(given)) return undefined
  let text = ''
  let own: Record<string, unknown> | undefined
  for (const name in given) {
    const value = given[name]
    if (value === undefined) continue
    if (isOwnOption(name)) (own ??= {})[name] = value
    else {
      const part = plainText.test(name) ? (textOf(value) ?? membersText(value)) : undefined
      if (part === undefined) return undefined
      text += `${name}${part};`
    }
  }
  return { text, own }
}

/** What {@link sharedText} reads, read once: a getter may answer something else each time. */
export function plainCopy(given: object): object {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, !isOwnOption(name) && isPlain(value) ? { ...value } : value]),
  )
}

function membersText(value: unknown): string | undefined {
  if (!isPlain(value)) return undefined
  let text = '{'
  for (const name in value) {
    const part = plainText.test(name) ? textOf(value[name]) : undefined
    if (part === undefined) return undefined
    text += `${name}${part};`
  }
  return `${text}}`
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return plainText.test(value) ? `"${value}"` : undefined
  if (typeof value === 'number') return `=${value}`
  return typeof value === 'boolean' ? `!${value}` : undefined
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
