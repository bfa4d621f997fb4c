import { faultsOf } from './faults/catalogue.mjs'
import { Random } from './random.mjs'

/** ms before the first fault. */
const quiet = 2_000

/** ms that are left free at the end: short faults would fill them, one after the other. */
const least = 2_000

/** ms between the traces of one fault and the next one, as far as they do not overlap. */
const gap = 1_000

/** How often a fault begins while the last one lasts. */
const overlap = 0.3

/**
 * The faults of a run with their times: the same for the same seed, minutes and topology. Every fault comes
 * once before any comes again, as far as there is time.
 *
 * @returns entries { number, name, at, …parameters }; `at` in ms.
 */
export function drawPlan({ seed, minutes, topology }) {
  const random = new Random(`${seed} ${topology}`)
  const known = faultsOf(topology)
  const end = minutes * 60_000
  const entries = []
  let bag = []
  let free = quiet
  for (let refused = 0; refused < known.length && free < end - least;) {
    if (bag.length === 0) bag = random.shuffle(known)
    const fault = bag.pop()
    const parameters = fault.draw(random, minutes)
    const at = begin(random, entries.at(-1), free, parameters)
    if (at + Math.max(parameters.lasts + parameters.settle, parameters.lingers ?? 0) > end) {
      refused++
      continue
    }
    refused = 0
    entries.push({ number: entries.length + 1, name: fault.name, at, ...parameters })
    free = Math.max(free, over(entries.at(-1)) + gap)
  }
  return entries
}

/** When its traces are gone. */
function over({ at, lasts, settle }) {
  return at + lasts + settle
}

/**
 * After all others; or during the last one, when that started with everything quiet and touches something
 * else.
 */
function begin(random, last, free, { uses }) {
  const wanted = random.chance(overlap)
  const share = random.next()
  if (!wanted || last === undefined || over(last) + gap < free || last.uses.some((used) => uses.includes(used))) return free
  return last.at + Math.round(share * last.lasts)
}

/** The plan as text, a line a fault. */
export function planText(entries) {
  return entries.map(({ number, at, ...entry }) => `${String(number).padStart(4)} ${secondsText(at)}  ${faultText(entry)}\n`).join('')
}

export function secondsText(milliseconds) {
  return `${(milliseconds / 1_000).toFixed(1).padStart(6)} s`
}

export function faultText({ name, text }) {
  return text === '' ? name : `${name}: ${text}`
}
