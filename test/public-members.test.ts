import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

/**
 * What users see of each class, from the declarations as they are packed. A member that only Ripen's own code
 * needs has no place here.
 */
const publicMembers: Readonly<Record<string, string>> = {
  'store.Channel': 'label redisKey ensure get set type isNull isInitialized query reset meta data getIfUpdated pipeline delete watch',
  'store.ChannelPipeline': 'length ensure get set type isNull isInitialized query reset meta data exec',
  'store.JsonPath': 'isAbsolute isRoot isEmpty segments parent name join relativeTo equals toString toJSON',
  'store.EndpointClient': 'get set cmd ping lock unlock list alerts close [Symbol.asyncDispose]',
  'store.Endpoint': 'name provider get set',
  'store.Provider': 'name node endpoints endpoint start close forget [Symbol.asyncDispose]',
  'store.MessageQueue': 'name put get receive size purge close [Symbol.asyncDispose]',
  'store.ReceivedMessage': 'message fence ack release',
  'store.Tree': 'at',
  'store.TreeNode': 'path get set val exists delete clear add expire ttl children [Symbol.asyncIterator] leaves watch acquire isLocked',
  'store.TreeLock': 'acquire isLocked',
  'queue.ScheduledSet': 'protected dueOnly available nextDue',
  'queue.SortedSet':
    'name protected defaultScore protected dueOnly add addMany size has score peek peekScore pop take discard clear [Symbol.asyncIterator] toString',
  'queue.TimeSortedSet': 'protected defaultScore',
  'queue.Queue':
    'name store definition schedules ready add addBulk getJob getJobs counts retry promote remove cancel clear pause resume close [Symbol.asyncDispose]',
  'queue.Schedules': 'upsert get list remove pause resume trigger nextRuns',
  'worker.Discard': '',
  'worker.RetryIn': 'delay',
  'worker.Snooze': 'delay',
  'worker.Worker': 'address concurrency paused active rate ready run pause resume close [Symbol.asyncDispose]',
}

const packages = join(import.meta.dirname, '../packages')

test.for(['store', 'queue', 'worker'])('the public classes of %s have these members and no others', (name) => {
  const index = join(packages, name, 'dist/index.d.ts')
  const found = [...exportsOf(index)].flatMap(([exported, file]) => membersOf(exported, file))
  const pinned = Object.entries(publicMembers).filter(([key]) => key.startsWith(`${name}.`))
  expect(Object.fromEntries(found.map(([exported, members]) => [`${name}.${exported}`, members]))).toEqual(Object.fromEntries(pinned))
})

/** Where each name that a module exports is declared. */
function exportsOf(file: string): Map<string, string> {
  const found = new Map<string, string>()
  const text = readFileSync(file, 'utf8')
  for (const [, from = ''] of text.matchAll(/^export \* from '(.+?)';$/gm))
    for (const [name, place] of exportsOf(resolved(file, from))) found.set(name, place)
  for (const [, names = '', from = ''] of text.matchAll(/^export (?:type )?\{(.+?)\} from '(.+?)';$/gm))
    for (const name of names.split(',')) {
      const exported = name.replace(/^ *type /, '').trim()
      found.set(exported, exportsOf(resolved(file, from)).get(exported) ?? resolved(file, from))
    }
  for (const [, name = ''] of text.matchAll(/^export (?:declare )?(?:abstract )?(?:class|interface) (\w+)/gm)) found.set(name, file)
  return found
}

function resolved(file: string, from: string): string {
  return join(dirname(file), from.replace(/\.[jt]s$/, '.d.ts'))
}

/** Of a class that is no error, what stands in its declaration, in order. */
function membersOf(name: string, file: string): [name: string, members: string][] {
  const head = new RegExp(`^export declare (?:abstract )?class ${name}\\b[^{]*\\{\\n(.*?)^\\}`, 'ms').exec(readFileSync(file, 'utf8'))
  if (head === null || /Error(<.*?>)? extends/.test(head[0])) return []
  const members = [...(head[1] ?? '').matchAll(/^ {4}(?:static |protected |readonly |get |set )*(\[?[\w.#]+\]?)/gm)].map(
    ([text, member = '']) => (text.includes('protected ') ? `protected ${member}` : member),
  )
  return [[name, [...new Set(members)].filter((member) => member !== '#private' && member !== 'constructor').join(' ')]]
}

/** Made for each job: there what costs least counts for more than how it reads. */
const hot = ['StoredJob', 'Execution']

test('constructors have at most three parameters, but for errors and what is made for each job', () => {
  const files = ['store', 'queue', 'worker'].flatMap(declarations)
  const found = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/class (\w+)(?<!Error)\b(?:(?!^\}).)*?^ {4}constructor\((.*?)\);$/gms)]
      .filter(([, , parameters = '']) => parameterCount(parameters) > 3)
      .map(([, name = '']) => name),
  )
  expect(files.length).toBeGreaterThan(100)
  expect(found.toSorted()).toEqual(hot.toSorted())
})

/** Those that still have a source: the compiler never deletes output. */
function declarations(name: string): string[] {
  const [from, to] = [join(packages, name, 'src'), join(packages, name, 'dist')]
  return (readdirSync(to, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.d.ts') && existsSync(join(from, file.replace(/\.d\.ts$/, '.ts'))))
    .map((file) => join(to, file))
}

/** Counts the colons at the outermost level: each parameter has one there. */
function parameterCount(parameters: string): number {
  let depth = 0
  let count = 0
  for (const letter of parameters.replaceAll('=>', '')) {
    if ('({[<'.includes(letter)) depth++
    else if (')}]>'.includes(letter)) depth--
    else if (letter === ':' && depth === 0) count++
  }
  return count
}
