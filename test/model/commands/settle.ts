import { decodeState } from '@ripen/queue/internal'
import * as fc from 'fast-check'
import type { Settlement } from '../../../packages/worker/src/shard/settler.ts'
import { aChoice, aClient, clientOf, commandKind, expectAnswer, setClocks, type CommandKind, type Run } from '../command.ts'
import type { Model } from '../model.ts'
import { expireLate, promoteDue, recover, sweep, take, watch, type WorkerTerms } from '../settle-steps.ts'
import { judge, verdictOf, type Ending, type Judged } from '../verdicts.ts'
import { beat } from './worker-life.ts'

interface Call {
  readonly lane: number
  readonly judged: readonly Judged[]
  readonly want: number
  readonly tidy: boolean
}

function settleInModel(model: Model, client: number, worker: string, terms: WorkerTerms, { lane, judged, want, tidy }: Call): object {
  model.call(`${worker}:${lane}`)
  const verdicts = judge(model, judged)
  const { expired, left } = expireLate(model, Math.max(100, want))
  promoteDue(model, Math.max(100, 2 * want))
  const { stalled, judgedFrom } = tidy ? recover(model) : { stalled: [], judgedFrom: 0 }
  if (tidy) sweep(model)
  const due = tidy ? model.schedules.due(model.now) : []
  if (due.length > 0) model.schedules.told.set(client, [{ now: model.now, due }, ...(model.schedules.told.get(client) ?? [])])
  const taken = left ? [] : take(model, worker, terms, want)
  const next = watch(model, worker, want, taken.length, judgedFrom, due.length)
  return {
    ...verdicts,
    taken: taken.map(({ id, lease, attempts, stalls, progress }) => ({ id, fence: lease?.fence, attempts, stalls, progress })),
    paused: model.paused,
    stalled,
    expired,
    bad: [],
    due: due.map(({ id, next }) => `${id} ${next}`),
    now: model.now,
    next: next === undefined ? undefined : next - model.now,
    doubtful: false,
  }
}

async function settle(run: Run, model: Model, client: number, call: Call): Promise<void> {
  const { settler, worker, terms } = clientOf(run, client)
  const outcomes = call.judged.map((each): Settlement => {
    const verdict = verdictOf(each, clientOf(run, client).given(each.lease))
    return { held: each.lease, verdict }
  })
  const { taken, reports, ...settled } = await settler.settle(call.lane, outcomes, call.want, call.tidy)
  clientOf(run, client).receive(taken)
  clientOf(run, client).hear({ reports, now: settled.now })
  const heard = taken.map(({ id, fence, stateRow }) => {
    const { attempts, stalls, progress } = decodeState(stateRow)
    return { id, fence: Number(fence), attempts, stalls, progress }
  })
  const due = reports.get('schedules') ?? []
  const runs = due.flatMap((id, i) => (i % 3 === 0 ? [`${id} ${due[i + 1]}`] : []))
  const expired = (reports.get('expiry') ?? []).filter((_value, i) => i % 3 === 0)
  expectAnswer({ ...settled, expired, taken: heard, due: runs }, settleInModel(model, client, worker, terms, call))
}

const aVerdict = fc.record({
  ending: fc.constantFrom<Ending>('completed', 'completed', 'failed', 'retried', 'snoozed', 'released', 'cancelled'),
  choice: aChoice,
  delay: fc.constantFrom(0, 1, 1_000, 4_000),
  result: fc.option(fc.constant('done'), { nil: undefined }),
})

export const settling: CommandKind = commandKind(
  24,
  fc.record({
    client: aClient,
    lane: fc.nat({ max: 1 }),
    verdicts: fc.array(aVerdict, { maxLength: 4 }),
    want: fc.constantFrom(0, 1, 2, 3, 5),
    tidy: fc.boolean(),
  }),
  (model, { client, verdicts, ...call }) => {
    const worker = model.employed[client] ?? ''
    const judged: Judged[] = []
    for (const { choice, ...outcome } of verdicts) {
      const lease = model.pickLease(choice, worker)
      if (lease !== undefined && !judged.some((other) => other.lease === lease)) judged.push({ ...outcome, lease })
    }
    const does = [
      ...judged.map(({ ending, delay, lease }) => `${lease.id} was ${ending}${/retried|snoozed/.test(ending) ? ` for ${delay} ms` : ''}`),
      `takes ${call.want}`,
      ...(call.tidy ? ['tidies'] : []),
    ]
    return {
      text: `worker ${worker} settles on lane ${call.lane}: ${does.join(', ')}`,
      act: (run) => settle(run, model, client, { ...call, judged }),
    }
  },
)

export const living: CommandKind = commandKind(
  3,
  fc.record({ client: aClient, seconds: fc.integer({ min: 1, max: 5 }), beats: fc.boolean() }),
  (model, { client, seconds, beats }) => ({
    text: `for ${seconds} s worker ${model.employed[client]} tidies every second${beats ? ', and its heart beats' : ''}`,
    act: async (run) => {
      for (let second = 0; second < seconds; second++) {
        model.now += 1_000
        setClocks(run, model)
        if (beats) await beat(run, model, client)
        await settle(run, model, client, { lane: 0, judged: [], want: 0, tidy: true })
      }
    },
  }),
)
