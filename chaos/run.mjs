/**
 * The chaos run: see README.md. Prints the plan and the table on standard output, progress on standard error.
 * Ends with code 1 when the checker found a violation or the run itself broke, with 2 for a mistake on the
 * command line.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { channelLabel, channelWriters, lockHolders, prefix, producers, queueName, workers } from './crew.mjs'
import { faults } from './faults/catalogue.mjs'
import { Fleet } from './fleet.mjs'
import { History } from './history.mjs'
import { parseOptions, UsageError } from './options.mjs'
import { drawPlan, faultText, planText, secondsText } from './plan.mjs'
import { drawSchedules } from './schedules.mjs'
import { startCluster } from './topology/cluster.mjs'
import { startSentinel } from './topology/sentinel.mjs'
import { startSingle } from './topology/single.mjs'
import { sampleUnique } from './unique-samples.mjs'

const startTopology = { single: startSingle, sentinel: startSentinel, cluster: startCluster }

/** ms in which all jobs must have ended after the last fault. */
const drainTime = 60_000
/** ms in which a process must have ended after it was asked to. */
const endTime = 20_000

const say = (text) => process.stderr.write(`${text}\n`)

/** Makes the faults of the plan at their times; resolves when the last is over and the time is up. */
async function makeFaults(plan, world, minutes) {
  const begin = performance.now()
  const until = (at) => pause(Math.max(0, begin + at - performance.now()))
  const made = []
  const one = async ({ number, name, at, ...parameters }) => {
    await until(at)
    // One may have taken longer than planned.
    await Promise.all(
      plan.slice(0, number - 1).map(({ uses }, index) => uses.some((used) => parameters.uses.includes(used)) && made[index]),
    )
    say(`${secondsText(performance.now() - begin)}  ${faultText({ name, ...parameters })}`)
    const note = (what, fields) => world.note(what, { fault: number, ...fields })
    const from = Date.now()
    await faults.find((fault) => fault.name === name).make({ ...world, note }, parameters)
    note('made', { from, until: Date.now() })
  }
  made.push(...plan.map(one))
  await Promise.all([...made, until(minutes * 60_000)])
}

/**
 * Writes down each change of the primary of the queue, also one that no fault has made: a machine that is too
 * busy is enough.
 */
async function watchPrimary(topology, note, signal) {
  for (let last; !signal.aborted; await pause(250)) {
    // Without an answer there is none at the moment.
    const present = await topology.primary().catch(() => last)
    if (last !== undefined && present !== last) note('primary', {})
    last = present
  }
}

/**
 * Waits until nothing is waiting or running, no schedule has a next run, and nothing is left of unique
 * keys. @returns how many of all these are left when the time is up.
 */
async function drain({ redis }) {
  const key = (name) => `{${prefix}:${queueName}:0}:${name}`
  const sets = ['ready', 'scheduled', 'blocked', 'active', 'ticks'].map(key)
  for (const end = performance.now() + drainTime; ; await pause(100)) {
    const sizes = await Promise.all([...sets.map((set) => redis.zcard(set)), redis.hlen(key('unique'))])
    const left = sizes.reduce((sum, size) => sum + size, 0)
    if (left === 0 || performance.now() > end) return left
  }
}

/** The run itself; what is to be checked is then in the directory and on the server. */
async function perform(options, directory, topology) {
  const { seed, minutes } = options
  const notes = new History(join(directory, 'notes'))
  const note = (what, fields) => notes.write(JSON.stringify({ what, at: Date.now(), ...fields }))
  const plan = drawPlan(options)
  process.stdout.write(`seed ${seed}, ${minutes} min, ${options.topology}: ${plan.length} faults\n${planText(plan)}\n`)
  // They end before the last fault does, so that what comes after them can be waited for.
  const schedules = drawSchedules(seed, Date.now() + minutes * 60_000)
  note('plan', { seed, minutes, topology: options.topology, prefix, queueName, channelLabel, schedules, faults: plan })
  const fleet = new Fleet({ directory, url: topology.url, durability: topology.durability, seed, schedules, note })
  const over = new AbortController()
  let watching
  try {
    await fleet.start()
    note('begun', { at: Date.now() })
    watching = Promise.all([watchPrimary(topology, note, over.signal), sampleUnique(topology, { prefix, queueName }, note, over.signal)])
    await Promise.race([makeFaults(plan, { topology, fleet, note }, minutes), fleet.broken])
    say('draining')
    const retired = [...producers, ...lockHolders, ...channelWriters]
    const late = await fleet.retire(retired, endTime)
    const left = await drain(topology)
    late.push(...(await fleet.retire(Object.keys(workers), endTime)))
    note('drained', { at: Date.now(), left, late })
  } finally {
    over.abort()
    await watching
    fleet.end()
  }
}

async function check(directory, url, strict) {
  const file = fileURLToPath(new URL('check.mjs', import.meta.url))
  const child = spawn(process.execPath, ['--max-old-space-size=8192', file, directory, url, ...(strict ? ['--strict'] : [])], {
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  return code === 0
}

async function run(options) {
  const directory = mkdtempSync(join(tmpdir(), 'ripen-chaos-'))
  for (const name of ['histories', 'output']) mkdirSync(join(directory, name))
  const topology = await startTopology[options.topology](directory)
  let clean = false
  try {
    await perform(options, directory, topology)
    clean = await check(directory, await topology.whole(), options.strict)
  } finally {
    await topology.stop()
    if (clean && !options.keep) rmSync(directory, { recursive: true, force: true })
    else say(`histories and output of all processes: ${directory}`)
  }
  if (!clean) process.exitCode = 1
}

// An exit, unlike an unhandled signal, takes the processes along.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(options.help)
  else if (options.plan) process.stdout.write(planText(drawPlan(options)))
  else await run(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
