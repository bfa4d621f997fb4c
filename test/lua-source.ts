import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Script } from '@ripen/store/internal'
import { Composition } from '../packages/queue/src/features/composition.ts'

const packages = fileURLToPath(new URL('../packages', import.meta.url))
const packageNames = readdirSync(packages, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

/** A file of Lua, as it is written. */
export interface LuaFile {
  /** `queue/lua/add.lua` */
  readonly path: string
  readonly name: string
  readonly fragment: boolean
  readonly text: string
}

/** Every Lua file of every package. */
export function luaFiles(): LuaFile[] {
  return packageNames.flatMap((name) =>
    foldersOf(name).flatMap((folder) => {
      const directory = join(packages, name, folder)
      return list(directory)
        .filter((file) => file.endsWith('.lua'))
        .map((file) => ({
          path: `${name}/${folder}/${file}`,
          name: basename(file, '.lua').replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase()),
          fragment: folder !== 'lua' && !folder.endsWith('/scripts'),
          text: readFileSync(join(directory, file), 'utf8'),
        }))
    }),
  )
}

function foldersOf(name: string): string[] {
  const features = ['lua/features', 'lua/variants'].flatMap((kind) => list(join(packages, name, kind)).map((owner) => `${kind}/${owner}`))
  return ['lua', 'lua/fragments', ...features.flatMap((folder) => [folder, `${folder}/fragments`, `${folder}/scripts`])]
}

/**
 * Every script as it is sent: fragments in place, without comments; those that are composed at run time
 * without features, and with all of them.
 */
export async function scripts(): Promise<Script<string, string, unknown>[]> {
  const generated = packageNames.filter((name) => list(join(packages, name, 'src')).includes('scripts.generated.ts'))
  const modules = await Promise.all(
    generated.map(
      async (name) =>
        (await import(pathToFileURL(join(packages, name, 'src/scripts.generated.ts')).href)) as Record<
          string,
          Script<string, string, unknown>
        >,
    ),
  )
  const plain = modules.flatMap((module) => Object.values(module).filter((value) => 'sha' in value))
  return [...new Set(plain.flatMap((script) => [script, ...Composition.all.complete(script)]))]
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** A call of a command: its name and its arguments, as they are written. */
export interface RedisCall {
  readonly command: string
  readonly arguments: readonly string[]
  readonly index: number
}

export function redisCalls(source: string): RedisCall[] {
  return [...source.matchAll(/redis\.p?call\(/g)].map((match) => {
    const [command = '', ...rest] = splitArguments(source, match.index + match[0].length)
    if (!/^'[A-Z]+'$/.test(command)) throw new Error(`a command must be a literal in capitals, found ${command}`)
    return { command: command.slice(1, -1), arguments: rest, index: match.index }
  })
}

/**
 * The arguments from `start`, just after an opening parenthesis or at the start of a list, up to what closes
 * it.
 */
export function splitArguments(source: string, start: number): string[] {
  const found: string[] = []
  let depth = 0
  let from = start
  for (let at = start; at <= source.length; at++) {
    const char = source[at]
    if (char === "'") at = source.indexOf("'", at + 1)
    else if (char === '(' || char === '{' || char === '[') depth++
    else if (depth > 0 && (char === ')' || char === '}' || char === ']')) depth--
    else if (depth === 0 && (char === ',' || char === ')' || char === '}' || char === undefined)) {
      found.push(source.slice(from, at).trim())
      from = at + 1
      if (char !== ',') return found.filter((text) => text !== '')
    }
  }
  throw new Error(`no end of the arguments after ${source.slice(start, start + 40)}`)
}

/** Replaces each call of these functions, with all that is in its parentheses. */
export function withoutCalls(expression: string, functions: RegExp, replacement: string): string {
  let text = expression
  for (let match = functions.exec(text); match !== null; match = functions.exec(text)) {
    let depth = 1
    let end = match.index + match[0].length
    for (; depth > 0 && end < text.length; end++) {
      if (text[end] === "'") end = text.indexOf("'", end + 1)
      else if (text[end] === '(') depth++
      else if (text[end] === ')') depth--
    }
    text = text.slice(0, match.index) + replacement + text.slice(end)
  }
  return text
}

/** The first argument of each call of a function of the script. */
export function argumentsOf(source: string, name: string): string[] {
  return [...source.matchAll(new RegExp(`(?<!function )\\b${name}\\(`, 'g'))].flatMap((call) =>
    splitArguments(source, call.index + call[0].length).slice(0, 1),
  )
}
