import { parseArgs } from 'node:util'

import { peerNames } from './peers/catalogue.mjs'
import { rows, usualJobs } from './rows/catalogue.mjs'

const usage = `npm run bench -- [options]

  --rows a,b     rows or groups of rows to run (default: all)
  --peers a,b    libraries to sample: ${peerNames.join(', ')} (default: all)
  --pairs n      how often each arm of a row is sampled (default: 5)
  --jobs n       jobs of the usual sample; rows that are larger or smaller scale with it (default: ${usualJobs})
  --list         print the rows and end
`

/** A mistake on the command line: its message is all the user needs. */
export class UsageError extends Error {}

function list(text, known, what) {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new UsageError(`unknown ${what} '${unknown}', there are: ${known.join(', ')}`)
  return names
}

function positive(text, option) {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${option} takes a whole number from 1, not '${text}'`)
  return value
}

/** The command line as settings; `print` holds a text that is to be printed instead of a run. */
export function parseOptions(args) {
  const option = { type: 'string' }
  let values
  try {
    const flags = { list: { type: 'boolean' }, help: { type: 'boolean' } }
    values = parseArgs({ args, options: { rows: option, peers: option, pairs: option, jobs: option, ...flags } }).values
  } catch (error) {
    throw new UsageError(`${error.message}\n\n${usage}`)
  }
  if (values.help) return { print: usage }
  if (values.list) return { print: rows.map((row) => `${row.group.padEnd(10)}${row.name.padEnd(26)}${row.lines[0].title}\n`).join('') }
  const names = [...new Set(rows.flatMap((row) => [row.group, row.name]))]
  const selected = values.rows === undefined ? names : list(values.rows, names, 'row')
  return {
    rows: rows.filter((row) => selected.includes(row.name) || selected.includes(row.group)),
    peers: values.peers === undefined ? peerNames : list(values.peers, peerNames, 'library'),
    pairs: positive(values.pairs ?? '5', 'pairs'),
    jobs: positive(values.jobs ?? String(usualJobs), 'jobs'),
  }
}
