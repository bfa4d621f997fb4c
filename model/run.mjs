/**
 * Checks the models: see README.md.
 *
 *   node model/run.mjs            everything, in minutes
 *   node model/run.mjs --quick    the bounded part, for CI
 *   node model/run.mjs --trace NAME   one variant, with the steps of its counterexample
 *
 * Ends with 1 when a design breaks a promise, or when a broken variant breaks none or another one; with 2
 * when spin or gcc is missing.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

import { checks } from './checks.mjs'
import { readableTrail } from './trace.mjs'
import { isThere, verify } from './verify.mjs'

const kinds = { design: 'the design', broken: 'broken', limit: 'beyond the promise' }

const widths = [9, 19, 38, 24, 11, 6, 8]
const row = (cells) =>
  cells.map((cell, index) => (index < 4 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0))).join(' ')

/** @returns whether the outcome is the one that was expected. */
function report(check, { broken, states, depth, seconds }) {
  const expected = check.kind === 'design' ? undefined : check.promise
  const passed = broken === expected
  const verdict = broken === undefined ? 'holds' : `broken: ${broken}`
  const cells = [
    check.model,
    kinds[check.kind],
    check.name,
    check.kind === 'design' ? check.promise : '',
    String(states),
    String(depth),
    seconds.toFixed(1),
  ]
  console.log(`${row(cells)}  ${passed ? '' : 'UNEXPECTED, '}${verdict}`)
  return passed
}

/** Runs the checks, two at a time, and reports them in their order. */
async function runAll(selected) {
  const outcomes = selected.map(() => {
    let settle
    const outcome = new Promise((resolve) => (settle = resolve))
    return { outcome, settle }
  })
  let next = 0
  const line = async () => {
    while (next < selected.length) {
      const index = next++
      outcomes[index].settle(await verify(selected[index]).catch((error) => ({ error })))
    }
  }
  for (let lines = 0; lines < Math.min(2, availableParallelism()); lines++) void line()
  console.log(row(['model', 'what', 'bounds or variant', 'promise', 'states', 'depth', 'seconds']) + '  verdict')
  let surprises = 0
  for (const [index, check] of selected.entries()) {
    const outcome = await outcomes[index].outcome
    if ('error' in outcome) console.error(`${check.model} ${check.name}: ${outcome.error.message}`)
    if ('error' in outcome || !report(check, outcome)) surprises++
  }
  return surprises
}

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false }, trace: { type: 'string' } } })

const missing = []
for (const program of ['spin', 'gcc']) if (!(await isThere(program))) missing.push(program)
if (missing.length > 0) {
  console.error(`model: ${missing.join(' and ')} not found. On Debian: apt-get install spin gcc libc6-dev`)
  process.exit(2)
}

if (options.trace !== undefined) {
  const named = checks.filter(({ kind, name }) => kind !== 'design' && name === options.trace)
  if (named.length === 0)
    console.error(
      `model: no variant ${options.trace}; there are ${[...new Set(checks.filter(({ kind }) => kind !== 'design').map(({ name }) => name))].join(', ')}`,
    )
  for (const check of named) {
    const outcome = await verify(check, true)
    console.log(`${check.model}: ${outcome.broken ?? 'holds'}\n${readableTrail(outcome.trail ?? '')}\n`)
  }
  process.exitCode = named.length > 0 ? 0 : 2
} else {
  const started = performance.now()
  const selected = checks.filter(({ quick }) => quick || !options.quick)
  const surprises = await runAll(selected)
  console.log(
    `\nmodel: ${selected.length - surprises} of ${selected.length} as expected, in ${((performance.now() - started) / 1_000).toFixed(0)} s`,
  )
  process.exitCode = surprises === 0 ? 0 : 1
}
