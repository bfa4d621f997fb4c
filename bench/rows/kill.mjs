import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { fill } from '../load.mjs'
import { payload } from '../payload.mjs'
import { queuesWithout } from './arms.mjs'

const workerFile = fileURLToPath(new URL('../kill-worker.mjs', import.meta.url))

/** Each run of the handler is a line of this length in its worker's file: seven digits and a line feed. */
const lineBytes = 8

/** How long a silent worker keeps its jobs, in ms: the same for all, and short, so that the row ends soon. */
const lease = 5000

/** How long after the kill everything must be done, in ms. */
const patience = 120_000

async function startWorker(settings, file) {
  const child = fork(workerFile, { execArgv: [] })
  const exited = once(child, 'exit')
  const ready = once(child, 'message')
  let failure
  child.on('message', ({ error }) => {
    failure ??= error
  })
  child.send({ ...settings, file })
  await Promise.race([ready, exited])
  return {
    /** Throws what the worker has reported, or that it is gone. */
    check() {
      if (failure) throw new Error(failure)
      if (child.exitCode !== null) throw new Error(`a worker ended by itself with code ${child.exitCode}`)
    },
    async end() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function runsIn(file) {
  return (await readFile(file, 'latin1')).split('\n').filter(Boolean).map(Number)
}

/**
 * How many jobs that had already run run again when a worker (concurrency 50, no-op) gets a SIGKILL half-way
 * and another one goes on.
 */
export const killRows = [
  {
    name: 'kill',
    group: 'kill',
    durability: 'none',
    jobs: 20_000,
    // groupmq 1.1 did not go on within two minutes of the kill, neither with its defaults nor with short
    // timeouts.
    arms: queuesWithout('groupmq'),
    lines: [{ key: 'again', title: 'SIGKILL of a worker: jobs run again', unit: 'jobs', digits: 0, subject: 'ripen', reference: 'bullmq' }],
    async measure({ peer, peerName, url, jobs }) {
      const directory = await mkdtemp(join(tmpdir(), 'ripen-bench-kill-'))
      const [first, second] = [join(directory, 'first'), join(directory, 'second')]
      const settings = { peerName, url, queue: 'bench', kept: 0, batched: true, concurrency: 50, lease }
      const producer = await peer.openProducer(settings)
      try {
        await fill(producer, 0, jobs)
        const victim = await startWorker(settings, first)
        try {
          while ((await stat(first)).size < (jobs / 2) * lineBytes) {
            victim.check()
            await delay(1)
          }
        } finally {
          await victim.end()
        }

        const heir = await startWorker(settings, second)
        try {
          const deadline = Date.now() + patience
          for (let unfinished = jobs; unfinished > 0; unfinished = await producer.unfinished()) {
            heir.check()
            if (Date.now() > deadline) throw new Error(`${unfinished} jobs unfinished ${patience} ms after the kill`)
            await delay(50)
          }
        } finally {
          await heir.end()
        }

        const before = await runsIn(first)
        if (before.length >= jobs) throw new Error('the worker had run every job before it was killed')
        const runs = [...before, ...(await runsIn(second))]
        const different = new Set(runs)
        const lost = Array.from({ length: jobs }, (_, index) => payload(index).n).filter((n) => !different.has(n)).length
        if (lost > 0 || different.size !== jobs) throw new Error(`${lost} of ${jobs} jobs never ran, ${different.size} different jobs ran`)
        return { again: runs.length - jobs }
      } finally {
        await producer.close()
        await rm(directory, { recursive: true, force: true })
      }
    },
  },
]
