import { defineQueue } from '@ripen/queue'
import * as fc from 'fast-check'
import { readdirSync } from 'node:fs'
import type * as crypto from 'node:crypto'
import { expect, test, vi } from 'vitest'
import type * as scripts from '../../packages/store/src/script/script.ts'
import { onEachServer } from '../support/conformance.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'
import { Client } from './client.ts'
import type { CommandKind, Run } from './command.ts'
import { employ } from './commands/worker-life.ts'
import { numberedCall } from './lanes.ts'
import { Model, type QueueRules } from './model.ts'
import { beginDraws, endDraws } from './random-bytes.ts'
import { removeShard, unknownKeys } from './shard-contents.ts'
import { sent } from './wire.ts'

vi.mock('node:crypto', async (original) => (await import('./random-bytes.ts')).withRepeatableDraws(await original<typeof crypto>()))
vi.mock('../../packages/store/src/script/script.ts', async (original) =>
  (await import('./wire.ts')).throughWire(await original<typeof scripts>()),
)

const seed = Number(process.env['RIPEN_MODEL_SEED'] ?? Math.floor(Math.random() * 1_000_000))

/** A feature adds its commands by a file of its own in this folder. */
const folder = new URL('commands/', import.meta.url)
const features = await Promise.all(readdirSync(folder).map((file) => import(new URL(file, folder).href) as Promise<object>))
const kinds = features
  .flatMap((feature): unknown[] => Object.values(feature))
  .filter((value): value is CommandKind => typeof value === 'object' && value !== null && 'arbitrary' in value)

const aRule: fc.Arbitrary<QueueRules['completed']> = fc.record({ age: fc.constantFrom(5_000, 60_000), count: fc.constantFrom(1, 2, 3, 0) })
const aQueue = fc.record({
  order: fc.constantFrom<QueueRules['order']>('fifo', 'lifo', 'deadline'),
  completed: aRule,
  failed: aRule,
  maxStalls: fc.tuple(fc.constantFrom(3, 1, 0), fc.constantFrom(3, 1, 0)),
})

onEachServer((name, server) => {
  // The embedded server takes three times as long for each call.
  const runs = Number(process.env['RIPEN_MODEL_RUNS'] ?? (name === 'embedded' ? 100 : 300))
  test('whatever several clients do to a queue, it is what the model says', { timeout: 60_000 + runs * 2_000 }, async () => {
    console.log(`model on ${name}: seed ${seed}`)
    const prefix = randomPrefix()
    const stores = [testStore(server.url, { prefix }), testStore(server.url, { prefix })]
    let count = 0
    const property = fc.asyncProperty(
      aQueue,
      fc.commands([fc.oneof(...kinds)], { maxCommands: 60, size: 'max', disableReplayLog: true }),
      async ({ maxStalls, ...rules }, commands) => {
        const { order, completed, failed } = rules
        beginDraws()
        const definition = defineQueue(`run-${++count}`, { order, retain: { completed, failed } })
        const clients = stores.map((store, i) => {
          const most = maxStalls[i] as number
          store.clockOffset = 0
          return new Client(store, definition, { lease: 2_000 + 1_000 * i, suspectAt: Math.min(2, most) })
        })
        const model = new Model(rules)
        const run: Run = { clients, contents: undefined }
        sent.clear()
        try {
          // Each opens the queue now, not with the first thing that it does.
          for (const [i, { queue }] of clients.entries()) {
            await queue.ready()
            await queue.remove('unknown')
            numberedCall(model, model.steering, i)
          }
          for (const i of clients.keys()) await employ(run, model, i)
          await fc.asyncModelRun(() => ({ model, real: run }), commands)
          const [{ queue }] = clients as [Client]
          expect(await unknownKeys(queue)).toEqual([])
        } finally {
          endDraws()
          for (const { queue } of clients) await queue.close()
          await removeShard((clients[0] as Client).queue)
        }
      },
    )
    await fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: 50_000 + runs * 2_000 })
  })
})
