import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { jobsOf } from './rows/catalogue.mjs'

const sampleFile = fileURLToPath(new URL('sample.mjs', import.meta.url))

/** A sample that takes longer than this is ended and counts as failed, in ms. */
const sampleTimeout = 600_000

/** Runs one sample in a child process; answers `{ figures }` or `{ error }`. */
function sample(specification) {
  return new Promise((resolve) => {
    // No --conditions of the caller: what is measured is the built code that users run.
    const child = fork(sampleFile, {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), sampleTimeout)
    let answer
    child.once('message', (message) => {
      answer = message
    })
    child.send(specification)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      resolve(answer ?? { error: `the sample's process ended with ${signal ?? `code ${code}`}` })
    })
  })
}

/**
 * Samples all arms of a row in turn, `pairs` times over (A B A B …), each in its own process on an emptied
 * server.
 *
 * @returns {Promise<Record<string, { figures?: object, error?: string }[]>>} by arm, one entry for each pair
 */
export async function sampleRow(row, { arms, pairs, jobs, redis, inspector, onSample }) {
  const samples = Object.fromEntries(arms.map((arm) => [arm.name, []]))
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const arm of arms) {
      await inspector.empty(redis)
      const result = await sample({ rowName: row.name, armName: arm.name, url: redis.url, jobs: jobsOf(row, jobs) })
      samples[arm.name].push(result)
      onSample({ row, arm, pair, result })
    }
  }
  await inspector.empty(redis)
  return samples
}
