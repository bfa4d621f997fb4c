/** Makes a counterexample readable. */
import { readFileSync } from 'node:fs'

/** Scratch variables, which no promise speaks of. */
const scratch = new Set(['job', 'other', 'count', 'room', 'earliest', 'next', 'nextFence', 'taken', 'refused'])

/** Elements and fields begin with 0, which is no news. */
const initial = (name) => (/[[.]/.test(name) ? '0' : undefined)

/**
 * One line for each step: its number, the process, the line of the model, and the variables that it has
 * changed. spin tells fields of structures only at the end.
 *
 * @param {string} trail what `spin -p -g` prints.
 */
export function readableTrail(trail) {
  const files = new Map()
  const lineOf = (file, number) => {
    if (!files.has(file)) files.set(file, readFileSync(file, 'utf8').split('\n'))
    return (files.get(file)[number - 1] ?? '').trim().replace(/ *\\$/, '')
  }
  const shown = new Map()
  const values = new Map()
  const lines = []
  let step = ''
  let title = ''
  const flush = () => {
    const news = [...values].filter(([name, value]) => (shown.get(name) ?? initial(name)) !== value)
    for (const [name, value] of news) shown.set(name, value)
    values.clear()
    const changes = news.map(([name, value]) => `${name}=${value}`).join(' ')
    if (changes !== '' || /:: (?!true|else)/.test(title)) lines.push(`${title.padEnd(100)}  ${changes}`.trimEnd())
  }
  for (const line of trail.split('\n')) {
    const statement = /^\s*(\d+):\s+proc\s+(\d+) \((\S+?):\d+\) (\S+\.pml):(\d+) \(state \d+\)\s+\[/.exec(line)
    const variable = /^\s+(\w[\w[\].]*) = (\w+)$/.exec(line)
    if (statement !== null) {
      const [, number, process, name, file, at] = statement
      if (step === `${number} ${process}`) continue
      flush()
      step = `${number} ${process}`
      title = `${number.padStart(4)}  ${`${name.replaceAll(':', '')} ${process}`.padEnd(18)} ${lineOf(file, Number(at)).slice(0, 74)}`
    } else if (/trail ends|#processes/.test(line)) {
      flush()
      title = 'at the end'
    } else if (variable !== null && !scratch.has(variable[1])) values.set(variable[1], variable[2])
  }
  flush()
  return lines.join('\n')
}
