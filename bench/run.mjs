/**
 * The bench: see README.md. Prints the report on standard output, progress on standard error, and writes
 * results/latest.json. Ends with code 1 when a sample failed or a figure lies beyond its limit.
 */
import { mkdir, writeFile } from 'node:fs/promises'

import { openInspector } from './inspector.mjs'
import { describeMachine } from './machine.mjs'
import { parseOptions, UsageError } from './options.mjs'
import { startRedis } from './redis.mjs'
import { fallsShort, markdown, record } from './report.mjs'
import { sampleRow } from './sampling.mjs'

const resultFile = new URL('results/latest.json', import.meta.url)

function reportSample({ row, arm, pair, result }) {
  const figures = Object.entries(result.figures ?? {}).map(([key, value]) => `${key} ${Number(value.toPrecision(4))}`)
  process.stderr.write(`${row.name}  ${arm.name}  ${pair + 1}: ${result.error ?? figures.join(', ')}\n`)
}

/** Samples the rows on a server of the given durability; answers the results and the server's name. */
async function runOn(durability, { rows, peers, pairs, jobs }) {
  const redis = await startRedis(durability)
  const inspector = await openInspector(redis.url)
  const results = []
  try {
    const server = await inspector.server()
    for (const row of rows) {
      const arms = row.arms.filter((arm) => peers.includes(arm.peer))
      if (arms.length === 0) continue
      results.push({ row, samples: await sampleRow(row, { arms, pairs, jobs, redis, inspector, onSample: reportSample }) })
    }
    return { server, results }
  } finally {
    await inspector.close()
    await redis.stop()
  }
}

async function run(options) {
  const results = []
  let server
  for (const durability of ['none', 'everysec']) {
    const rows = options.rows.filter((row) => row.durability === durability)
    if (rows.length === 0) continue
    const part = await runOn(durability, { ...options, rows })
    results.push(...part.results)
    server = part.server
  }
  const report = { machine: await describeMachine(server, options.peers), pairs: options.pairs, jobs: options.jobs, results }
  await mkdir(new URL('.', resultFile), { recursive: true })
  await writeFile(resultFile, `${JSON.stringify(record(report), null, 2)}\n`)
  process.stdout.write(markdown(report))
  if (fallsShort(results)) process.exitCode = 1
}

// An exit, unlike an unhandled signal, takes the server along.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.print) process.stdout.write(options.print)
  else await run(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
