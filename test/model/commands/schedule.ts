import { decodeRow } from '@ripen/queue/internal'
import * as fc from 'fast-check'
import { aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import type { Model } from '../model.ts'
import type { ModelSpec } from '../schedules.ts'
import { readShard } from '../shard-contents.ts'
import { epoch } from '../wire.ts'

const anId = fc.constantFrom('s', 's', 't')
const common = {
  start: fc.constantFrom(epoch + 5_000, epoch - 300),
  overlap: fc.constantFrom<ModelSpec['overlap']>('all', 'one', 'skip'),
  jitter: fc.constantFrom(0, 0, 400),
  limit: fc.integer({ min: 1, max: 4 }),
}
const required = { requiredKeys: ['every', 'catchUp', 'overlap', 'jitter'] as ['every', 'catchUp', 'overlap', 'jitter'] }
/** Where each run is made up for there are not too many of them. */
const aSpec: fc.Arbitrary<ModelSpec> = fc.oneof(
  fc.record({ ...common, every: fc.constantFrom(20_000), catchUp: fc.constant('all' as const) }, required),
  fc.record(
    {
      ...common,
      every: fc.constantFrom(700, 1_000, 20_000),
      catchUp: fc.constantFrom<ModelSpec['catchUp']>('all', 'one', 'skip'),
      catchUpWindow: fc.constantFrom(1, 2_500),
    },
    { requiredKeys: [...required.requiredKeys, 'catchUpWindow'] },
  ),
)

function told(model: Model, id: string): object | null {
  const schedule = model.schedules.all.get(id)
  if (schedule === undefined) return null
  const { paused, runs, overlapped, lastRun = null, next = null } = schedule
  return { paused, runs, overlapped, lastRun, nextRun: next }
}

export const upserting: CommandKind = commandKind(
  5,
  fc.record({ client: aClient, id: anId, spec: aSpec }),
  (model, { client, id, spec }) => ({
    text: `client ${client} upserts the schedule ${id} ${JSON.stringify(spec)}`,
    act: async (run) => {
      const { paused, runs, overlapped, lastRun, nextRun } = await clientOf(run, client).queue.schedules.upsert(id, {
        ...spec,
        job: { name: 'run' },
      })
      model.schedules.upsert(model, id, spec)
      expectAnswer({ paused, runs, overlapped, lastRun, nextRun }, told(model, id))
    },
  }),
)

export const pausingSchedule: CommandKind = commandKind(
  2,
  fc.record({ client: aClient, id: anId, paused: fc.boolean() }),
  (model, { client, id, paused }) => ({
    text: `client ${client} ${paused ? 'pauses' : 'resumes'} the schedule ${id}`,
    act: async (run) => {
      const { schedules } = clientOf(run, client).queue
      expectAnswer(await (paused ? schedules.pause(id) : schedules.resume(id)), model.schedules.all.has(id))
      model.schedules.setPaused(model, id, paused)
    },
  }),
)

export const removingSchedule: CommandKind = commandKind(1, fc.record({ client: aClient, id: anId }), (model, { client, id }) => ({
  text: `client ${client} removes the schedule ${id}`,
  act: async (run) => {
    const known = model.schedules.all.delete(id)
    expectAnswer(await clientOf(run, client).queue.schedules.remove(id), known)
    if (known) model.rest()
  },
}))

/** What it was told last, or before that: others may have ticked since, and so may it. */
export const ticking: CommandKind = commandKind(
  8,
  fc.record({ client: aClient, back: fc.constantFrom(0, 0, 0, 1, 2) }),
  (model, { client, back }) => {
    const heard = model.schedules.told.get(client)?.[back]
    if (heard === undefined) return undefined
    return {
      text: `client ${client} ticks ${heard.due.map(({ id, next }) => `${id} of ${next}`).join(', ')}`,
      act: async (run) => {
        const { queue } = clientOf(run, client)
        await clientOf(run, client).tick(back)
        const ids = new Map<string, string>()
        for (const [id, row] of (await readShard(queue)).jobs) {
          const { schedule } = decodeRow(row).options
          if (schedule !== undefined && !model.jobs.has(id)) ids.set(`${schedule.id} ${schedule.at}`, id)
        }
        model.schedules.tick(model, heard, (schedule, at) => ids.get(`${schedule} ${at}`) ?? `the run of ${schedule} at ${at}`)
      },
    }
  },
)
