import {
  AccessError,
  ClosingError,
  ConfigurationError,
  ConnectionError,
  EndpointError,
  Provider,
  type Logger,
  type Store,
} from '@ripen/store'
import { boolean, internals, type Clock, type Rule } from '@ripen/store/internal'
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { settledWithin } from './settled-within.ts'
import { concurrency } from './worker-options.ts'

/** How long to wait before the server is tried again, in ms. */
const startPause = 1_000

/** A name that no other worker has, for its provider. */
export function newAddress(): string {
  const host = hostname()
    .replaceAll(/[^A-Za-z0-9_:-]/g, '-')
    .slice(0, 64)
  return `worker-${host}-${process.pid}-${randomBytes(6).toString('hex')}`
}

/** What of a worker its endpoints read and set. */
export interface SteeredWorker {
  /** The name of the provider. */
  readonly address: string
  concurrency: number
  readonly paused: boolean
  readonly active: number
  readonly rate: number
  pause(): Promise<void>
  resume(): void
}

export interface WorkerProviderOptions {
  readonly logger: Logger
  /** Hears why the endpoints cannot be served at all. */
  readonly error: (error: unknown) => void
}

/**
 * The endpoints of a running worker: `concurrency` and `paused`, which can be set, `active`, `rate` and
 * `rss`. What they read is in the worker, nothing of it on the server.
 */
export class WorkerProvider {
  /** The name of the provider. */
  readonly address: string
  readonly #provider: Provider
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #error: (error: unknown) => void
  readonly #closed: Promise<void>
  #resolveClosed!: () => void
  #opening: Promise<void> | undefined

  /** No I/O. */
  constructor(store: Store, worker: SteeredWorker, { logger, error }: WorkerProviderOptions) {
    this.#clock = internals(store).clock
    this.#logger = logger
    this.#error = error
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    this.address = worker.address
    // The routing key of an alert, this and the endpoint's name, tells which worker it comes from.
    const alert_routing_key = this.address
    this.#provider = new Provider(store, {
      name: this.address,
      transient: true,
      endpoints: [
        {
          name: 'concurrency',
          alert_routing_key,
          read: () => worker.concurrency,
          write: (value) => void (worker.concurrency = accepted('concurrency', concurrency, value)),
        },
        {
          name: 'paused',
          alert_routing_key,
          read: () => worker.paused,
          write(value) {
            // Who pauses does not wait for the jobs that run: `active` tells of them.
            if (accepted('paused', boolean, value)) void worker.pause()
            else worker.resume()
          },
        },
        { name: 'active', alert_routing_key, read: () => worker.active },
        { name: 'rate', alert_routing_key, read: () => worker.rate },
        { name: 'rss', alert_routing_key, read: () => process.memoryUsage.rss() },
      ],
    })
  }

  /** Serves the endpoints from now on, or from when the server is there. Nobody has to wait for it. */
  open(): void {
    this.#opening ??= this.#open()
  }

  async #open(): Promise<void> {
    for (let told = false; ; told = true) {
      try {
        await this.#provider.start()
        return
      } catch (error) {
        if (error instanceof ClosingError) return
        if (!(error instanceof ConnectionError || error instanceof AccessError)) return this.#error(error)
        // Once: the server may be away, or refuse access, for long, and the worker does without.
        if (!told) this.#logger.warn({ err: error, worker: this.address }, 'the endpoints of a worker are not served yet, trying again')
        await settledWithin(this.#clock, startPause, this.#closed)
      }
    }
  }

  /**
   * Forgets the provider: this worker does not come back. Never rejects; in an outage it takes as long as
   * calls do.
   */
  async close(): Promise<void> {
    const closed = this.#provider.close()
    if (this.#opening === undefined) return closed
    this.#resolveClosed()
    // A registration that is under way must not come after the end.
    await this.#opening
    try {
      await this.#provider.forget()
    } catch (error) {
      // The server is away, or the store is closed: a provider that is silent for a day is forgotten by
      // another.
      this.#logger.debug({ err: error, worker: this.address }, 'the endpoints of a worker could not be forgotten')
    }
  }
}

/** @throws EndpointError 304 for a value that the rule refuses. */
function accepted<T>(endpoint: string, rule: Rule<T>, value: unknown): T {
  try {
    return rule(endpoint, value)
  } catch (error) {
    if (error instanceof ConfigurationError) throw new EndpointError(304, error.message, undefined, error)
    throw error
  }
}
