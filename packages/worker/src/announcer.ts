import type { Logger } from '@ripen/store'
import { describeError, toError } from '@ripen/store/internal'
import type { Job } from '@ripen/queue'
import type { EventEmitter } from 'node:events'
import type { Outcome } from './run/outcome.ts'
import type { RunContext } from './run/run-context.ts'
import { tellListeners } from './run/tell-listeners.ts'
import { toldJob } from './run/told-job.ts'
import type { WorkerEvents } from './worker-events.ts'

export interface AnnouncerParts<J> {
  readonly emitter: EventEmitter<WorkerEvents<J>>
  readonly context: RunContext
  readonly logger: Logger
  /** The name of the queue, for the log. */
  readonly queue: string
}

/** Tells the listeners of a worker what happens. Whatever a listener throws is told as an `error`. */
export class Announcer<J> {
  readonly #emitter: EventEmitter<WorkerEvents<J>>
  readonly #context: RunContext
  readonly #logger: Logger
  readonly #queue: string
  /** Whether the worker has closed: errors of what was under way then concern nobody. */
  over = false

  constructor({ emitter, context, logger, queue }: AnnouncerParts<J>) {
    this.#emitter = emitter
    this.#context = context
    this.#logger = logger
    this.#queue = queue
  }

  /** How a job left the worker. @param outcome neither snoozed nor handed back. */
  settled({ job, value, error, delay }: Outcome, event: Parameters<typeof toldJob>[1]['event']): void {
    if (job === undefined || this.#emitter.listenerCount(event) === 0) return
    const told = toldJob(job, { event, value, error }) as unknown as Job<J>
    if (event === 'completed') this.tell('completed', told, value)
    else if (event === 'retrying') this.tell('retrying', told, error as Error, delay ?? 0)
    else this.tell(event, told, error as Error)
  }

  tell<Event extends keyof WorkerEvents<J>>(event: Event, ...parameters: WorkerEvents<J>[Event]): void {
    tellListeners(this.#emitter, this.#context, event, parameters, (thrown) => this.error(thrown))
  }

  /** An error that nobody listens for goes to the log. */
  error(thrown: unknown): void {
    const error = toError(thrown)
    const about = { err: error, queue: this.#queue }
    const { message } = describeError(error)
    if (this.over) return this.#logger.debug(about, message)
    if (this.#emitter.listenerCount('error') === 0) return this.#logger.error(about, message)
    tellListeners(this.#emitter, this.#context, 'error', [error], (fault) =>
      this.#logger.error({ err: toError(fault), queue: this.#queue }, "a listener of 'error' threw"),
    )
  }
}
