/**
 * One check: spin makes a verifier of the model, a C compiler makes a program of it, and that searches all
 * states.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** MB for the states of one search; two run at a time. */
const memoryLimit = 1_900
const depthLimit = 100_000
/** ms for one search: a search that takes longer has grown beyond its bounds. */
const timeLimit = 600_000

/** @param {string} model */
const modelFile = (model) => fileURLToPath(new URL(`${model}.pml`, import.meta.url))

/** Runs a program to its end, whatever its exit code; rejects when it cannot be started or takes too long. */
function run(program, parameters, directory) {
  return new Promise((resolve, reject) => {
    execFile(program, parameters, { cwd: directory, maxBuffer: 2 ** 26, timeout: timeLimit }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number')
        reject(new Error(`${program}: ${error.killed ? `no end within ${timeLimit / 1_000} s` : error.message}`))
      else resolve({ code: error === null ? 0 : error.code, output: stdout + stderr })
    })
  })
}

/** Whether a program is there, and works. */
export async function isThere(program) {
  try {
    return (await run(program, [program === 'spin' ? '-V' : '--version'])).code === 0
  } catch {
    return false
  }
}

/** @param {import('./checks.mjs').Check} check */
function definitions({ kind, name, bounds }) {
  const all = Object.entries(bounds).map(([bound, value]) => `-D${bound}=${value}`)
  return kind === 'design' ? all : [...all, `-D${name}`]
}

/**
 * How to search: for broken assertions, for cycles without progress, or for runs that break the formula of
 * this name. Weak fairness is not asked of spin: `progress` shows that the models have no cycles without
 * progress, so every run comes to rest and no process is passed over for ever.
 */
function search({ kind, promise }, formulas) {
  if (promise === 'progress') return { compile: ['-DNP', '-DNOCLAIM'], parameters: ['-l'] }
  if (formulas.has(promise)) return { compile: [], parameters: ['-a', '-N', promise] }
  if (kind === 'design' && promise !== 'assertions') throw new Error(`no formula ${promise}`)
  return { compile: ['-DSAFETY', '-DNOCLAIM'], parameters: [] }
}

/** The names of the ltl formulas of a model. */
async function formulasOf(model) {
  const text = await readFile(modelFile(model), 'utf8')
  return new Set([...text.matchAll(/^ltl (\w+)/gm)].map(([, name]) => name))
}

/** @returns the promise that a search found broken, undefined when it went through all states. */
async function brokenPromise(check, output, directory) {
  if (/acceptance cycle \(at/.test(output)) return check.promise
  if (/non-progress cycle \(at/.test(output)) return 'progress'
  if (!/assertion violated/.test(output)) return undefined
  const trail = await replay(check, directory)
  return /^\s+broken = ([a-z]\w*)$/m.exec(trail)?.[1] ?? /assertion violated (.*)/.exec(output)?.[1] ?? 'an assertion'
}

/** The steps of a counterexample, as spin prints them. */
async function replay(check, directory) {
  const { output } = await run(
    'spin',
    ['-k', `${check.model}.pml.trail`, '-p', '-g', ...definitions(check), modelFile(check.model)],
    directory,
  )
  return output
}

/**
 * @param {import('./checks.mjs').Check} check
 * @param {boolean} [traced] whether the steps of a counterexample are wanted.
 * @returns {Promise<{ broken: string | undefined, states: number, depth: number, seconds: number, trail?:
 *   string }>}
 */
export async function verify(check, traced = false) {
  const started = performance.now()
  const formulas = await formulasOf(check.model)
  const { compile, parameters } = search(check, formulas)
  const directory = await mkdtemp(join(tmpdir(), 'ripen-model-'))
  try {
    const made = await run('spin', ['-a', ...definitions(check), modelFile(check.model)], directory)
    if (made.code !== 0 || /Error:/.test(made.output)) throw new Error(`spin: ${made.output}`)
    // In the bounded part compiling takes longer than searching.
    const optimization = check.quick ? '-O0' : '-O2'
    const compiled = await run('gcc', ['-w', optimization, `-DMEMLIM=${memoryLimit}`, ...compile, '-o', 'pan', 'pan.c'], directory)
    if (compiled.code !== 0) throw new Error(`gcc: ${compiled.output}`)
    const { output } = await run('./pan', [`-m${depthLimit}`, check.quick ? '-w20' : '-w24', ...parameters], directory)
    const found = await brokenPromise(check, output, directory)
    if (found === undefined && (!/errors: 0/.test(output) || /too small|not completed|out of memory/i.test(output))) {
      throw new Error(`the search did not reach its end:\n${output}`)
    }
    return {
      broken: found,
      states: Number(/(\d+) states, stored/.exec(output)?.[1] ?? 0),
      depth: Number(/depth reached (\d+)/.exec(output)?.[1] ?? 0),
      seconds: (performance.now() - started) / 1_000,
      ...(traced && found !== undefined ? { trail: await replay(check, directory) } : {}),
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
