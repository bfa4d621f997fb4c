import * as fc from 'fast-check'
import { expect } from 'vitest'
import { expectAgreement } from './agreement.ts'
import type { Client } from './client.ts'
import { brokenInvariants, type Step } from './invariants.ts'
import type { Model } from './model.ts'
import { readShard, type ShardContents } from './shard-contents.ts'
import { epoch } from './wire.ts'

/** What is real in a run: the clients, and what the server held after the last step. */
export interface Run {
  readonly clients: readonly Client[]
  contents: ShardContents | undefined
}

/** What a command does here and now. */
export interface Plan {
  /** One line for the counterexample. */
  readonly text: string
  /** The jobs that it may make ready before their time. */
  readonly hurried?: readonly string[]
  /** Does it to the queue and to the model, and compares what the queue answers. */
  readonly act: (run: Run) => Promise<void>
}

/**
 * Everything that can be done to a queue is a kind of command; each feature exports its kinds from a file in
 * `commands`.
 */
export interface CommandKind {
  /** How often it comes, beside the others. */
  readonly weight: number
  readonly arbitrary: fc.Arbitrary<fc.AsyncCommand<Model, Run>>
}

/**
 * @param input what chance decides.
 * @param plan undefined where the command makes no sense; numbers become ids and leases here, so that a
 *   shorter run finds others.
 */
export function commandKind<Input>(
  weight: number,
  input: fc.Arbitrary<Input>,
  plan: (model: Model, input: Input) => Plan | undefined,
): CommandKind {
  return { weight, arbitrary: input.map((given) => new ModelCommand((model) => plan(model, given))) }
}

function expectNothingBroken(contents: ShardContents, step: Step): void {
  expect(brokenInvariants(contents, step)).toEqual([])
}

class ModelCommand implements fc.AsyncCommand<Model, Run> {
  readonly #plan: (model: Model) => Plan | undefined
  #planned: Plan | undefined

  constructor(plan: (model: Model) => Plan | undefined) {
    this.#plan = plan
  }

  check(model: Model): boolean {
    this.#planned = this.#plan(model)
    return this.#planned !== undefined
  }

  async run(model: Model, run: Run): Promise<void> {
    setClocks(run, model)
    await this.#planned?.act(run)
    const contents = await readShard(clientOf(run, 0).queue)
    expectNothingBroken(contents, { time: model.now, before: run.contents, hurried: this.#planned?.hurried ?? [] })
    expectAgreement(contents, model)
    run.contents = contents
  }

  toString(): string {
    return `\n  ${this.#planned?.text ?? 'not run'}`
  }

  /** Each try has commands of its own: the text of one is not that of another. */
  [fc.cloneMethod](): ModelCommand {
    return new ModelCommand(this.#plan)
  }
}

/** Fails unless the queue has answered what the model says. */
export function expectAnswer(answer: unknown, expected: unknown): void {
  expect(answer).toEqual(expected)
}

export function setClocks({ clients }: Run, { now }: Model): void {
  for (const { queue } of clients) queue.store.clockOffset = now - epoch
}

export function clientOf({ clients }: Run, number: number): Client {
  const client = clients[number]
  if (client === undefined) throw new Error(`there is no client ${number}`)
  return client
}

export const aClient: fc.Arbitrary<number> = fc.nat({ max: 1 })
/** For {@link Model.pick} and {@link Model.pickLease}. */
export const aChoice: fc.Arbitrary<number> = fc.nat({ max: 255 })
