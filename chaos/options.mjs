import { parseArgs } from 'node:util'

const topologies = ['single', 'sentinel', 'cluster']

const usage = `npm run chaos -- [options]

  --seed n          what the plan of faults is drawn from (default: 1)
  --minutes n       how long faults are made, also 0.5; start, drain and check come on top (default: 3)
  --topology name   ${topologies.join(', ')} (default: single)
  --strict          bounds in time are promises too: for a machine that does little else
  --plan            print the plan and end
  --keep            keep the histories also of a run without violations
`

/** A mistake on the command line: its message is all the user needs. */
export class UsageError extends Error {}

/** The command line as settings; `help` holds a text that is to be printed instead of a run. */
export function parseOptions(args) {
  let values
  try {
    values = parseArgs({
      args,
      options: {
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string', default: '3' },
        topology: { type: 'string', default: 'single' },
        strict: { type: 'boolean', default: false },
        plan: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError(`${error.message}\n\n${usage}`)
  }
  const { seed, minutes, topology, strict, plan, keep, help } = values
  if (help) return { help: usage }
  if (!/^\d{1,15}$/.test(seed)) throw new UsageError(`--seed takes a whole number from 0, not '${seed}'`)
  if (!(Number(minutes) > 0)) throw new UsageError(`--minutes takes a number above 0, not '${minutes}'`)
  if (!topologies.includes(topology)) throw new UsageError(`unknown topology '${topology}', there are: ${topologies.join(', ')}`)
  return { seed: Number(seed), minutes: Number(minutes), topology, strict, plan, keep }
}
