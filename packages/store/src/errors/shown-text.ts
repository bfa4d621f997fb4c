import { cut } from '../foreign/foreign-text.ts'

/** Characters of a message. */
const longest = 8_000
/** Characters of a value within one. */
const longestValue = 80

/**
 * Control characters, C1 ones too, line separators, and what turns the direction of writing: a terminal or a
 * log would obey them.
 */
const commands = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu
const known: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
/** Options whose value is not shown, whatever it is. */
const secretOption = /pass(?:word|phrase)|secret|token|lockout/i

/** Text from elsewhere as a message shows it: without secrets, on one line, of at most 8,000 characters. */
export function shownText(text: string): string {
  return withoutCommands(blotted(cut(text, longest)))
}

/**
 * A value that breaks the rule of an option, as the message shows it: a short text in quotes, of an object
 * the names of its members.
 */
export function shownValue(option: string, value: unknown): string {
  if (secretOption.test(option)) return value === undefined || value === null ? String(value) : `a ${typeof value} that is not shown`
  if (typeof value === 'string')
    return shownName(/^[^@:]*:(?:[^@]*@|\/\/)/.test(value) ? withoutPassword(value) : withoutSecretParameters(value))
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return shownObject(value)
  return cut(String(value), longestValue)
}

/** A name in quotes, short and on one line. */
export function shownName(name: string): string {
  return `'${withoutCommands(name.length > longestValue ? `${cut(name, longestValue - 3)}…` : cut(name, longestValue))}'`
}

/** The URL of a server, or what somebody took for one, without the password it may carry. */
export function withoutPassword(url: string): string {
  // Up to the last @: a password that was not escaped may hold one.
  const end = url.lastIndexOf('@')
  const [scheme = ''] = /^[^@:]{0,40}:(?:\/\/)?/.exec(url) ?? []
  if (end >= 0) return withoutSecretParameters(`${scheme}***${url.slice(end)}`)
  // Without the @ what looks like a user and a password, followed by a port or not by a number, may be just
  // that: `:secret:6379`, `ada:secret`.
  return withoutSecretParameters(
    url.replace(/^(rediss?(?:\+\w+)?:\/\/)([^/?#]*)/, (_all, start: string, hosts: string) => `${start}${withoutForgotten(hosts)}`),
  )
}

/** The hosts of a URL: each is a name or an address, perhaps with a port, else it is not shown. */
function withoutForgotten(hosts: string): string {
  return hosts
    .split(',')
    .map((host) => (/^(?:\[[^[\]]*\]|[^:[\]]*)(?::\d{0,5})?$/.test(host) && !host.startsWith(':') ? host : '***'))
    .join(',')
}

function withoutSecretParameters(url: string): string {
  return url.replace(/([?&][^=&]{0,40}(?:pass|auth|secret|token)[^=&]{0,40}=)[^&]*/gi, '$1***')
}

/**
 * Without what a message of a server, of JSON.parse or of a library may repeat: credentials in URLs,
 * arguments of commands, a piece of the text that was read.
 */
export function blotted(text: string): string {
  return text
    .replace(/\/\/[^\s'"]{0,1000}@/g, '//***@')
    .replace(/,? with args beginning with:[^\n]*/g, '')
    .replace(/,? ?(?:\.{3})?"[^]{0,100}?"(?:\.{3})? is not valid JSON/g, ': it is not valid JSON')
}

function withoutCommands(text: string): string {
  return text.replace(commands, (character) => known[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function shownObject(value: object): string {
  try {
    if (Array.isArray(value)) return 'an array'
    const names = Object.keys(value).slice(0, 5)
    return `an object (${names.map((name) => shownName(name).slice(1, -1)).join(', ')})`
  } catch {
    return 'an object that cannot be read'
  }
}
