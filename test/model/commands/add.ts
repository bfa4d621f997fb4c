import type { JobOptions } from '@ripen/queue'
import * as fc from 'fast-check'
import { aClient, clientOf, commandKind, expectAnswer, type CommandKind } from '../command.ts'
import type { Model, ModelJob } from '../model.ts'
import { sent } from '../wire.ts'

/** As the caller gives them, but `runIn`, which is `runAt` counted from now. */
type Given = Pick<JobOptions, 'id' | 'priority'> & {
  readonly retain?: ModelJob['retain']
  readonly delay?: number
  readonly runIn?: number
}

const aRetention = fc.constantFrom<number | false>(false, 1_500, 30_000)
const settings = {
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  priority: fc.constantFrom(1, -1, 1_023, -1_024),
  retain: fc.record({ completed: aRetention, failed: aRetention }, { requiredKeys: [] }),
}
const anItem: fc.Arbitrary<Given> = fc.oneof(
  { withCrossShrink: true },
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record(settings, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.record({ ...settings, delay: fc.constantFrom(0, 1, 1_000, 5_000) }, { requiredKeys: ['delay'] }) },
  { weight: 1, arbitrary: fc.record({ ...settings, runIn: fc.constantFrom(-1_000, 0, 1_000, 5_000) }, { requiredKeys: ['runIn'] }) },
)

/** How long a session is remembered that adds no more, in ms. */
const remembered = 600_000

/** One batch at a time goes on the last lane, which only adds have. */
const lastLane = ':3'

/** The session that the client has just opened: nothing was sent on its lane before. */
function newSession(model: Model): string {
  const lane = [...sent.keys()].find((name) => name.endsWith(lastLane) && !model.calls.has(name))
  if (lane === undefined) throw new Error('no new session was opened')
  return lane.slice(0, -lastLane.length)
}

/** Ids that were not given are those that the queue made. Answers which were there. */
function addToModel(model: Model, client: number, items: readonly Given[], ids: readonly string[]): boolean[] {
  let session = model.adders.get(client)
  if (session === undefined) {
    session = newSession(model)
    model.adders.set(client, session)
    model.sessions.set(session, model.now + remembered)
  }
  model.call(session + lastLane)
  const added: ModelJob[] = []
  const duplicates = items.map((item, i) => {
    const id = item.id ?? ids[i] ?? ''
    const there = model.jobs.get(id)
    if (there !== undefined && model.visible(there)) return true
    const job = jobOf(model, id, item)
    // A record whose time is over makes room for it.
    model.jobs.set(id, job)
    if (job.state === 'ready') model.becomeReady(job)
    added.push(job)
    return false
  })
  const { armed = 0 } = model.keeper ?? {}
  const earliest = Math.min(...added.map(({ state, score }) => (state === 'ready' ? 0 : score)))
  // Somebody is to look, or to arm a timer that rings earlier.
  if (added.length > 0 && (armed < model.now || earliest < armed)) model.token = true
  return duplicates
}

function jobOf({ now }: Model, id: string, { priority = 0, retain = {}, delay = 0, runIn }: Given): ModelJob {
  const dueAt = now + (runIn ?? delay)
  const state = runIn === undefined && delay === 0 ? 'ready' : 'scheduled'
  return { id, priority, addedAt: now, retain, dueAt, state, score: dueAt, attempts: 0, stalls: 0 }
}

export const adding: CommandKind = commandKind(
  10,
  fc.record({ client: aClient, items: fc.array(anItem, { minLength: 1, maxLength: 4 }) }),
  (model, { client, items }) => ({
    text: `client ${client} adds ${items.map((item) => JSON.stringify(item)).join(', ')}`,
    act: async (run) => {
      const bulk = items.map(({ runIn, ...options }) => ({
        name: 'job',
        options: runIn === undefined ? options : { ...options, runAt: model.now + runIn },
      }))
      const jobs = await clientOf(run, client).queue.addBulk(bulk)
      const ids = jobs.map(({ id }) => id)
      const duplicates = addToModel(model, client, items, ids)
      expectAnswer(
        jobs.map(({ id, duplicate }) => ({ id, duplicate })),
        items.map(({ id }, i) => ({ id: id ?? ids[i], duplicate: duplicates[i] })),
      )
    },
  }),
)
