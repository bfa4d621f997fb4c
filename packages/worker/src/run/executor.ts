import { InvalidJobError } from '@ripen/store'
import type { JobDefinition, QueueDefinition } from '@ripen/queue'
import { validate } from '@ripen/queue/internal'
import type { Middleware } from '../worker-options.ts'
import type { Execution } from './execution.ts'
import type { AnyHandler, HandlerTable } from './handlers.ts'
import { callThrough } from './middleware.ts'
import { refusePayload } from './payload-refusals.ts'
import type { RunContext } from './run-context.ts'

export interface ExecutorParts {
  readonly handlers: HandlerTable
  readonly definition: QueueDefinition<any>
  readonly middleware: readonly Middleware[]
  readonly context: RunContext
}

type AnyDefinition = JobDefinition<any, any, any>

/**
 * Calls handlers, in this thread, through the job's schemas and the worker's middleware where there are any.
 */
export class Executor {
  readonly #handlers: HandlerTable
  readonly #definition: QueueDefinition<any>
  readonly #middleware: readonly Middleware[]
  readonly #context: RunContext

  constructor({ handlers, definition, middleware, context }: ExecutorParts) {
    this.#handlers = handlers
    this.#definition = definition
    this.#middleware = middleware
    this.#context = context
  }

  /** Whether there is a handler for jobs of this name. */
  has(name: string): boolean {
    return typeof this.#handlers === 'function' || this.#handlers.has(name)
  }

  /** @returns what the handler returns, mostly a promise. @throws what it throws. */
  call(execution: Execution): unknown {
    const { name } = execution.row
    const handler = (typeof this.#handlers === 'function' ? this.#handlers : this.#handlers.get(name)) as AnyHandler
    const definition: AnyDefinition | undefined = this.#definition.jobs?.[name]
    if (this.#middleware.length === 0 && definition?.data === undefined && definition?.result === undefined)
      return this.#context.call(handler, execution.job, execution)
    return this.#context.call(() => this.#callChecked(execution, handler, definition), undefined, undefined)
  }

  async #callChecked(execution: Execution, handler: AnyHandler, definition: AnyDefinition | undefined): Promise<unknown> {
    const { name } = execution.row
    if (definition?.data !== undefined) execution.use({ data: await check(definition.data, `data of job ${name}`, execution.job.data) })
    const result = await callThrough(this.#middleware, execution, async () => handler(execution.job, execution))
    return definition?.result === undefined ? result : check(definition.result, `result of job ${name}`, result)
  }
}

async function check(schema: NonNullable<AnyDefinition['data']>, what: string, value: unknown): Promise<unknown> {
  const result = await validate(schema, value)
  if ('issues' in result) throw refusePayload(new InvalidJobError(what, result.issues))
  return result.value
}
