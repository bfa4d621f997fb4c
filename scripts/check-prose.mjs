// Refuses ways of writing that are not plain English, in what users and contributors read: messages, comments
// and documents.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from './package-manager.mjs'

const refused = [
  { found: /\bcan not\b(?! only)/gi, instead: 'cannot' },
  { found: /\b(?:he|him|his|himself)\b/gi, instead: 'it, they, or what it is' },
  {
    found: /(?<!\b(?:all|any|both|each|few|half|many|most|none|one|some|three|two) )\bof which\b/gi,
    instead: 'whose, or a sentence of its own',
  },
  { found: /\bso many (?:ms|seconds|bytes|times)\b/gi, instead: 'this many' },
]

/** Where a text is written in a way that is refused: `line: what it says, what it should say`. */
export function faultsOf(text) {
  return text
    .split('\n')
    .flatMap((line, index) =>
      refused.flatMap(({ found, instead }) => [...line.matchAll(found)].map(([words]) => `${index + 1}: '${words}' is '${instead}'`)),
    )
}

function filesOf(folder) {
  return readdirSync(join(projectRoot, folder), { recursive: true }).map((file) => join(folder, file))
}

function main() {
  const packages = ['packages/store/src', 'packages/queue/src', 'packages/worker/src', 'packages/store/lua', 'packages/queue/lua']
  const sources = packages.flatMap(filesOf).filter((file) => /\.(?:ts|lua)$/.test(file))
  const documents = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...filesOf('docs').filter((file) => file.endsWith('.md')),
  ]
  const files = [...sources.filter((file) => !file.endsWith('.generated.ts')), ...documents]
  const faults = files.flatMap((file) => faultsOf(readFileSync(join(projectRoot, file), 'utf8')).map((fault) => `${file}:${fault}`))
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
