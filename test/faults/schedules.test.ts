import { Queue, type Job } from '@ripen/queue'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { spawnFixture, type FixtureProcess } from '../support/child.ts'
import { until } from '../support/deadline.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { ownServer } from './own-server.ts'

/** All of it is run for a minute, with RIPEN_SCHEDULE_SECONDS=60. */
const seconds = Number(process.env['RIPEN_SCHEDULE_SECONDS'] ?? 8)
const isFull = seconds >= 60
const schedules = isFull ? 1_000 : 200
const processes = isFull ? 10 : 4
const timing = { every: '1 s', catchUp: 'all', overlap: 'all' } as const

describeWithRedisServer(`${processes} processes that make and tick ${schedules} schedules for ${seconds} s`, () => {
  test(
    'each run is added once and none is missing, though two are killed and the server is',
    { timeout: 60_000 + seconds * 4_000 },
    async () => {
      const server = await ownServer({ appendonly: 'always' })
      const prefix = randomPrefix()
      const queue = new Queue('ticks', { store: testStore(server.url, { prefix, enqueueTimeout: '30 s' }) })
      const ids = Array.from({ length: schedules }, (_value, i) => `schedule-${i}`)
      const made = await Promise.all(ids.map((id) => queue.schedules.upsert(id, { ...timing, job: { name: 'tick' } })))
      const start = (): FixtureProcess => spawnFixture('schedule-worker.mjs', [JSON.stringify({ url: server.url, prefix, ids, timing })])
      const crew = Array.from({ length: processes }, start)
      const quarter = async (): Promise<void> => pause((seconds * 1_000) / 4)
      const killOne = async (): Promise<void> => {
        await pause(Math.random() * 1_000)
        crew.splice(Math.floor(Math.random() * crew.length), 1)[0]?.kill('SIGKILL')
      }
      await Promise.all(crew.map((child) => child.event('ready', undefined, 60_000)))
      const began = Date.now()
      await quarter()
      await killOne()
      await quarter()
      await server.restart()
      await quarter()
      await killOne()
      crew.push(start())
      await quarter()
      const ended = Date.now()
      // However late a busy machine is: what a pause leaves out is not made up for.
      const isTicked = async (): Promise<boolean> => (await queue.schedules.list()).every(({ nextRun }) => (nextRun ?? 0) > ended)
      await until(isTicked, 60_000, 'the ticks of all that was due', 200)
      expect(await Promise.all(ids.map((id) => queue.schedules.pause(id)))).toEqual(ids.map(() => true))
      const isIdle = async (): Promise<boolean> => {
        const { scheduled, ready, active } = await queue.counts()
        return scheduled + ready + active === 0
      }
      await until(isIdle, 60_000, 'the end of all runs', 200)

      const added = new Map<string, number>()
      for await (const { options } of completed(queue)) {
        const run = `${options.schedule?.id} ${options.schedule?.at}`
        added.set(run, (added.get(run) ?? 0) + 1)
      }
      const missing: string[] = []
      for (const { id, nextRun } of made) {
        const { lastRun, runs } = (await queue.schedules.get(id)) ?? {}
        if ((lastRun ?? 0) <= ended - 1_000) missing.push(`${id} since ${lastRun}`)
        let due = 0
        for (let at = nextRun ?? 0; at <= (lastRun ?? 0); at += 1_000, due++) if (!added.has(`${id} ${at}`)) missing.push(`${id} ${at}`)
        expect(runs).toBe(due)
      }
      const doubled = [...added].filter(([, times]) => times > 1).map(([run]) => run)
      console.log(`${added.size} runs in ${(ended - began) / 1_000} s: ${missing.length} missing, ${doubled.length} doubled`)
      expect({ missing, doubled }).toEqual({ missing: [], doubled: [] })
      expect(added.size).toBeGreaterThanOrEqual(schedules * (seconds - 2))
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
