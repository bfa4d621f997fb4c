import { Queue, type Job } from '@ripen/queue'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { spawnFixture, type FixtureProcess } from '../support/child.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

const schedules = 1_000
const processes = 10
/** How long they run; the full minute with RIPEN_SCHEDULE_SECONDS=60. */
const seconds = Number(process.env['RIPEN_SCHEDULE_SECONDS'] ?? 15)

describeWithRedisServer('ten processes that make and tick a thousand schedules', () => {
  test(
    'each run is added once and none is missing, though two are killed and the server is',
    { timeout: 120_000 + seconds * 2_000 },
    async () => {
      const server = await ownServer({ appendonly: 'always' })
      const prefix = randomPrefix()
      const queue = new Queue('ticks', { store: testStore(server.url, { prefix, enqueueTimeout: '30 s' }) })
      const start = (): FixtureProcess => {
        const child = spawnFixture('schedule-worker.mjs', [JSON.stringify({ url: server.url, prefix, schedules })])
        onTestFinished(async () => {
          child.kill('SIGKILL')
          await child.exit()
        })
        return child
      }
      const crew = Array.from({ length: processes }, start)
      await crew[0]?.event('ready', undefined, 60_000)
      await pause((seconds * 1_000) / 4)
      crew[3]?.kill('SIGKILL')
      await pause((seconds * 1_000) / 4)
      await server.restart()
      await pause((seconds * 1_000) / 4)
      crew[7]?.kill('SIGKILL')
      start()
      await pause((seconds * 1_000) / 4)

      const made = await queue.schedules.list()
      expect(made.length).toBe(schedules)
      await Promise.all(made.map(({ id }) => queue.schedules.pause(id)))
      await until(
        async () => {
          const { scheduled, ready, active } = await queue.counts()
          return scheduled + ready + active === 0
        },
        60_000,
        'the end of all runs',
        200,
      )
      const ended = await queue.schedules.list()
      const runs = new Map<string, number[]>(made.map(({ id }) => [id, []]))
      for await (const { options } of completed(queue)) runs.get(options.schedule?.id ?? '')?.push(options.schedule?.at ?? 0)
      const wrong = ended.filter(({ id, runs: count, lastRun }) => {
        const times = (runs.get(id) ?? []).toSorted((a, b) => a - b)
        const gaps = times.some((at, i) => i > 0 && at - (times[i - 1] as number) !== 1_000)
        return gaps || times.length !== count || times.at(-1) !== lastRun
      })
      const total = [...runs.values()].reduce((sum, times) => sum + times.length, 0)
      console.log(
        `${total} runs of ${schedules} schedules in ${seconds} s by ${processes} processes: ${wrong.length} schedules with a run too many or too few`,
      )
      expect(wrong).toEqual([])
      expect(total).toBeGreaterThanOrEqual(schedules * (seconds - 2))
    },
  )
})

async function* completed(queue: Queue): AsyncGenerator<Job> {
  let cursor: string | undefined
  do {
    const page: Awaited<ReturnType<typeof queue.getJobs>> = await queue.getJobs(
      { state: 'completed' },
      { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) },
    )
    yield* page.jobs
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
}
