import { internals } from '@ripen/store/internal'
import { expect, test } from 'vitest'
import { randomNumbers } from '../faults/random-numbers.ts'
import { onEachServer } from '../support/conformance.ts'
import { testStore } from '../support/test-store.ts'
import { Model, plain, textOf, type Outcome, type Segment } from './model.ts'
import { pathText, RandomDocument } from './random-document.ts'
import { channelOf } from './test-channel.ts'

const writes = ['set', 'set', 'set', 'del', 'forget', 'numincrby', 'nummultby', 'strappend', 'arrappend', 'arrinsert', 'arrpop', 'arrtrim', 'toggle', 'clear'] as const // prettier-ignore
const reads = ['get', 'type', 'strlen', 'arrlen', 'objlen', 'objkeys'] as const

interface Step {
  readonly op: (typeof writes)[number] | (typeof reads)[number]
  readonly path: readonly Segment[]
  /** With maps. */
  readonly args: readonly unknown[]
}

function nextStep(document: RandomDocument, model: Model): Step {
  // Below the root more often than at it, where an operation ends the document.
  const path = [document.path(model.root), document.path(model.root), document.path(model.root)].find(({ length }) => length > 0) ?? []
  if (document.below(4) === 0) return { op: document.pick(reads), path, args: [] }
  // Mostly an operation that suits what is there.
  const value = model.at(path)
  const suits = (document.below(5) > 0 && suiting(value)) || writes
  const op = document.pick(suits)
  const index = (): number => document.below(7) - 3
  const values = (): unknown[] => Array.from({ length: 1 + document.below(3) }, () => stored(document.value(1)))
  const args: Partial<Record<Step['op'], () => unknown[]>> = {
    set: () => [stored(document.value(2))],
    numincrby: () => [document.number()],
    nummultby: () => [document.number()],
    strappend: () => [document.text() || 'x'],
    arrappend: values,
    arrinsert: () => [index(), ...values()],
    arrpop: () => (document.below(2) === 0 ? [] : [index()]),
    arrtrim: () => [index(), index()],
  }
  return { op, path, args: args[op]?.() ?? [] }
}

function suiting(value: unknown): readonly (typeof writes)[number][] | undefined {
  if (typeof value === 'number') return ['numincrby', 'nummultby', 'set']
  if (typeof value === 'string') return ['strappend', 'set']
  if (typeof value === 'boolean') return ['toggle']
  if (Array.isArray(value)) return ['arrappend', 'arrinsert', 'arrpop', 'arrtrim', 'set', 'clear']
  return value === undefined ? ['set'] : undefined
}

function expected(model: Model, { op, path, args }: Step): Outcome {
  if ((reads as readonly string[]).includes(op)) return { result: model.read(op, path), changed: false }
  if (op === 'set') return model.set(path, structuredClone(args[0]))
  if (op === 'del' || op === 'forget') return model.del(path)
  return model.change(op, path, structuredClone(args))
}

onEachServer((name, server) => {
  const rounds = name === 'redis-server' ? 100 : 15
  test.for([1, 2, 3, 4])(
    `seed %i, ${rounds} documents × 60 operations: as on plain values, and what is not touched keeps its text`,
    { timeout: 60_000 },
    async (seed) => {
      const random = randomNumbers(seed)
      const document = new RandomDocument(random)
      const store = testStore(server.url)
      const channel = channelOf(store)
      const raw = (): Promise<(string | null)[]> => internals(store).caller.call((client) => client.hmget(channel.redisKey, 'value', 'rev'))
      const counts = new Map<string, number>()
      for (let round = 0; round < rounds; round++) {
        const model = new Model(stored([document.value(4), new Map([['a', document.value(3)]]), document.value(3)]))
        const { epoch } = await channel.reset(plain(model.root))
        let rev = 0
        for (let step = 0; step < 60; step++) {
          const next = nextStep(document, model)
          const before = textOf(model.root)
          const outcome = expected(model, next)
          const path = pathText(next.path, random)
          const result: unknown = await channel
            .query(next.op, path, ...next.args.map(plain))
            .catch((error: unknown) => (error as { code: string }).code)
          if (outcome.changed) rev++
          const what = `${next.op} ${path} ${JSON.stringify(next.args.map(plain))} on ${before}`
          expect(result, what).toEqual(next.op === 'set' && outcome.changed ? { epoch, rev } : outcome.result)
          const [text, storedRev] = await raw()
          expect(oneForm(text ?? ''), what).toBe(oneForm(textOf(model.root)))
          expect(storedRev, what).toBe(String(rev))
          const kind = `${next.op} ${typeof outcome.result === 'string' && outcome.result.startsWith('RIPEN') ? outcome.result : 'ok'}`
          counts.set(kind, (counts.get(kind) ?? 0) + 1)
        }
        expect(await channel.get()).toEqual(plain(model.root))
      }
      // The steps are not all refusals; with few documents chance may leave one out.
      const least = name === 'redis-server' ? 10 : 0
      for (const op of [...writes, ...reads]) expect(counts.get(`${op} ok`) ?? 0, op).toBeGreaterThanOrEqual(least)
    },
  )
})

/** As it is stored: the members in the order that JSON.stringify gives them, which is not that of the map. */
function stored(value: unknown): unknown {
  return inOrder(plain(value))
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([key, member]) => [key, inOrder(member)]))
}

/** The same text for all forms of a number, and of a pair that was appended in halves. */
function oneForm(text: string): string {
  return text
    .replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*/g, (token) => (token.startsWith('"') ? token : JSON.stringify(Number(token))))
    .replaceAll('\\ud83d\\ude42', '🙂')
}
