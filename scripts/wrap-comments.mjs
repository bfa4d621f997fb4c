// Wraps comments at 110 columns: blocks of `//` and `--`, and `/** */`, in TypeScript, JavaScript and Lua.
// With --check it only names what it would change. Arguments are files or folders; without any it takes all
// that git knows of.
//
// It joins and splits the lines of a paragraph, and moves nothing else. It leaves alone: what stands behind
// code, directives such as `-- @needs`, tables, code in fences, indented lines and columns. An item of a
// list, or a tag of a docstring, begins a line. So does a sentence before which its author broke the line
// early.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { linesInTemplates } from './lines-in-templates.mjs'
import { projectRoot } from './package-manager.mjs'

const width = 110

const directive = /^(?:@ts-|[ox]+lint|eslint|v8 |#?(?:end)?region)/
const luaDirective = /^@\w+/
/** Begins a line of its own: an item of a list, a tag of a docstring. */
const item = /^(?:[-*•] |\d+[.)] |@\w+)/
/** A table, a heading, a rule, columns, a drawing. */
const drawn = /^[|#+]|\S {3,}\S|^[─═-]{3,}|[─│┌└├▶▼→]{2}/
const sentenceEnd = /[.:!?;)][`'"*]*$/
const sentenceStart = /^[^a-z]/

/** The text of a file with its comments wrapped. */
export function wrapped(text, language) {
  const lines = text.split('\n')
  const inTemplate = language === 'lua' ? new Set() : linesInTemplates(text)
  const result = []
  for (let at = 0; at < lines.length;) {
    const block = inTemplate.has(at) ? undefined : blockAt(lines, at, language)
    result.push(...(block?.lines ?? [lines[at]]))
    at += block?.length ?? 1
  }
  return result.join('\n')
}

/** The comment that begins in a line, wrapped, and how many lines it has had. */
function blockAt(lines, at, language) {
  const sign = language === 'lua' ? '--' : '//'
  const [, indent = '', opening] = /^(\s*)(\/\*\*|\/\/|--)(?= |$)/.exec(lines[at]) ?? []
  if (opening === '/**' && language !== 'lua') return docstring(lines, at, indent)
  if (opening !== sign) return undefined
  const start = `${indent}${sign}`
  const end = lines.findIndex((line, index) => index > at && line !== start && !line.startsWith(`${start} `))
  const block = lines.slice(at, end === -1 ? undefined : end)
  const texts = block.map((line) => line.slice(start.length).replace(/^ /, ''))
  return { length: block.length, lines: fill(texts, start, language) }
}

function docstring(lines, at, indent) {
  const length = lines.slice(at).findIndex((line) => line.includes('*/')) + 1
  const block = lines.slice(at, at + length)
  if (length === 0 || !/\*\/\s*$/.test(block.at(-1))) return undefined
  if (length === 1 && block[0].length <= width) return undefined
  const texts = block.map((line) => line.replace(/^\s*(?:\/\*\*|\*(?!\/))? ?/, '').replace(/ ?\*\/\s*$/, ''))
  if (texts[0] === '') texts.shift()
  if (texts.at(-1)?.trim() === '') texts.pop()
  return { length, lines: [`${indent}/**`, ...fill(texts, `${indent} *`), `${indent} */`] }
}

/** The lines of a comment, without its signs, as paragraphs of at most 110 columns. */
function fill(texts, start, language) {
  const longest = Math.max(width, ...texts.map((text) => start.length + 1 + text.length))
  const result = []
  let paragraph
  let fenced = false
  const flush = () => {
    if (paragraph !== undefined) result.push(...split(paragraph.texts.join(' '), start, paragraph.hang))
    paragraph = undefined
  }
  for (const text of texts) {
    const fence = text.trimStart().startsWith('```')
    if (fence) fenced = !fenced
    if (fence || fenced || asItIs(text, paragraph, language)) {
      flush()
      result.push(`${start} ${text}`.trimEnd())
    } else if (paragraph === undefined || item.test(text.trimStart()) || brokenEarly(paragraph.texts.at(-1), text, start, longest)) {
      flush()
      const indent = text.length - text.trimStart().length
      paragraph = { texts: [text.trimEnd()], hang: ' '.repeat(indent + hangOf(text.trimStart())) }
    } else {
      paragraph.texts.push(text.trim())
    }
  }
  flush()
  return result
}

/** How far the second line of an item is indented: below its text, and of a tag by two. */
function hangOf(text) {
  const [start = ''] = item.exec(text) ?? []
  return start.startsWith('@') ? 2 : start.length
}

function asItIs(text, paragraph, language) {
  if (text.trim() === '' || directive.test(text) || drawn.test(text.trim())) return true
  if (language === 'lua' && luaDirective.test(text)) return true
  const indent = text.length - text.trimStart().length
  if (indent === 0) return false
  // An indented line belongs to the item above it, or is an item below that; else it is code.
  return paragraph === undefined || paragraph.hang === '' || (indent !== paragraph.hang.length && !item.test(text.trimStart()))
}

/** Whether the author broke a line before a sentence although there was room for its first word. */
function brokenEarly(previous, text, start, longest) {
  const [word = ''] = text.split(' ')
  const end = start.length + 1 + previous.length + 1 + word.length
  return sentenceEnd.test(previous) && sentenceStart.test(text) && end <= longest
}

function split(text, start, hang) {
  const [indent = ''] = /^ */.exec(text) ?? []
  const lines = []
  let line = `${start} ${indent}`
  let empty = true
  for (const word of wordsOf(text.trim())) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line)
      line = `${start} ${hang}${word}`
    } else {
      line += empty ? word : ` ${word}`
    }
    empty = false
  }
  return [...lines, line]
}

/**
 * What stays on one line: words, `code`, links, and whatever would be read as an item or a table at the start
 * of a line, with the word before it.
 */
function wordsOf(text) {
  const words = []
  for (const [word] of text.matchAll(/(?:`[^`]*`|\{@\w+[^}]*\}|\S)+/g)) {
    const marks = item.test(`${word} `) || drawn.test(word) || directive.test(`${word} `)
    if (marks && words.length > 0) words.push(`${words.pop()} ${word}`)
    else words.push(word)
  }
  return words
}

function main(rest) {
  const check = rest.includes('--check')
  const named = rest.filter((argument) => argument !== '--check')
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...named], {
    cwd: projectRoot,
    encoding: 'utf8',
  })
  const files = listed.split('\n').filter((file) => /\.(?:m?ts|mjs|lua)$/.test(file) && !file.includes('.generated.'))
  let changed = 0
  for (const file of files) {
    const path = join(projectRoot, file)
    const text = readFileSync(path, 'utf8')
    const result = wrapped(text, file.endsWith('.lua') ? 'lua' : 'typescript')
    if (result === text) continue
    changed++
    if (check) console.error(`${file}: comments are not wrapped at ${width} columns`)
    else writeFileSync(path, result)
  }
  if (!check || changed === 0) return
  console.error('node scripts/wrap-comments.mjs wraps them')
  process.exitCode = 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv.slice(2))
