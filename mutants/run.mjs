// Applies each mutant to a copy of the tree and shows what catches it: first the model test, then, should
// that pass, the chaos run. Ends with 1 when one survives.
//   npm run mutants                 all
//   npm run mutants -- fence token  those whose name has one of these words
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mutants } from './catalogue.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)
const chosen = mutants.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
const copy = mkdtempSync(join(tmpdir(), 'ripen-mutants-'))
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

for (const entry of readdirSync(root))
  if (!['.git', 'node_modules'].includes(entry)) cpSync(join(root, entry), join(copy, entry), { recursive: true, verbatimSymlinks: true })
// The dependencies as they are, and the packages of the copy.
mkdirSync(join(copy, 'node_modules'))
for (const entry of readdirSync(join(root, 'node_modules'))) {
  const [from, to] = [root, copy].map((tree) => join(tree, 'node_modules', entry))
  if (entry === '@ripen') cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  else symlinkSync(from, to)
}

const rows = []
if (words.length === 0) rows.push(['(none)', ...verdict('', judge())])
for (const { name, file, from, to } of chosen) {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${name}: '${from}' must stand in ${file} once`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  rows.push([name, ...verdict(name, judge())])
  writeFileSync(path, text)
}

console.log(`\n${'mutant'.padEnd(52)} ${'caught by'.padEnd(10)} after`)
for (const [name, by, seconds, wanted] of rows)
  console.log(`${name.padEnd(52)} ${by.padEnd(10)} ${seconds} s${wanted ? '' : '   <-- not as it should be'}`)
const wrong = rows.filter(([, , , wanted]) => !wanted).length
console.log(`${rows.length} runs, ${wrong} not as they should be`)
process.exitCode = wrong === 0 ? 0 : 1

/** Which one failed, and after how many seconds. */
function judge() {
  const begun = performance.now()
  const seconds = () => Math.round((performance.now() - begun) / 1_000)
  run('node', ['scripts/embed-scripts.mjs'], 60, true)
  run('npx', ['tsc', '-b', 'packages'], 120, true)
  const by = run('npx', ['vitest', 'run', 'test/model', '-t', 'redis-server'], 300)
    ? run('node', ['chaos/run.mjs', '--seed', '1', '--minutes', '1'], 300)
      ? 'nothing'
      : 'chaos run'
    : 'model test'
  return { by, seconds: seconds() }
}

function verdict(name, { by, seconds }) {
  console.log(`${name || 'no mutant'}: ${by}`)
  return [by, String(seconds), (by === 'nothing') === (name === '')]
}

/** Whether it ended well. @param must it has to. */
function run(command, parameters, seconds, must = false) {
  const { status, stdout, stderr } = spawnSync(command, parameters, {
    cwd: copy,
    timeout: seconds * 1_000,
    encoding: 'utf8',
    env: { ...process.env, RIPEN_LOG_LEVEL: 'silent' },
    maxBuffer: 2 ** 28,
  })
  if (must && status !== 0) throw new Error(`${command} ${parameters.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`)
  return status === 0
}
