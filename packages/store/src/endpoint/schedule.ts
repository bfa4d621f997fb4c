import { ClosingError } from '../errors/errors.ts'
import { endpointLookScript, endpointTickScript } from '../scripts.generated.ts'
import type { EndpointState } from './endpoint-state.ts'
import type { ProviderState } from './provider-state.ts'

/** Messages can be lost with a connection: each node looks by itself this often, in ms. */
const look = 1_000

/**
 * The node's side of schedules: looks for due ticks, and for requests whose message was lost; each tick goes
 * to one node.
 */
export class Schedule {
  readonly #state: ProviderState
  readonly #endpoints: ReadonlyMap<string, EndpointState>
  readonly #serve: (id: string) => void
  /** Actions that are under way, by endpoint. */
  readonly #acting = new Map<string, Promise<void>>()
  #callOff: (() => void) | undefined
  /** The look that is under way. */
  #looking: Promise<void> | undefined
  #again = false
  #closed = false

  /** @param serve gets the ids of requests that nobody has taken. */
  constructor(state: ProviderState, endpoints: ReadonlyMap<string, EndpointState>, serve: (id: string) => void) {
    this.#state = state
    this.#endpoints = endpoints
    this.#serve = serve
  }

  /** Looks now, and from now on whenever there may be something to do. One look at a time. */
  look(): void {
    this.#again = true
    if (this.#looking !== undefined || this.#closed) return
    this.#callOff?.()
    this.#looking = this.#lookOften().then(
      (wait) => this.#pause(wait),
      (error: unknown) => {
        if (error instanceof ClosingError) void this.close()
        this.#state.store.logger.debug(
          { err: error, provider: this.#state.provider },
          'a provider could not look at its schedules, trying again',
        )
        this.#pause(look)
      },
    )
  }

  #pause(milliseconds: number): void {
    this.#looking = undefined
    if (!this.#closed) this.#callOff = this.#state.store.clock.after(milliseconds, () => this.look())
  }

  /** Until there is nothing to do now. Answers how long, in ms. */
  async #lookOften(): Promise<number> {
    let wait = look
    while (this.#again && !this.#closed) {
      this.#again = false
      const [now, due, next, pending] = await this.#state.script(endpointLookScript, {})
      for (const id of pending) this.#serve(id)
      const ticks = due.flatMap((member, index) => (index % 2 === 0 ? [this.#take(member, due[index + 1] ?? '')] : []))
      await Promise.all(ticks)
      // The next look tells when the endpoints taken now are due again.
      this.#again ||= ticks.length > 0
      wait = next === '' ? look : Math.min(look, Math.max(0, Number(next) - Number(now)))
    }
    return wait
  }

  async #take(member: string, at: string): Promise<void> {
    const name = member.replace(/!$/, '')
    const endpoint = this.#endpoints.get(name)
    const token = this.#state.nextId()
    // The schedule of an endpoint that is not configured ends here.
    const interval = endpoint?.configuredInterval ?? ''
    const taken = await this.#state.script(endpointTickScript, { member, endpoint: name, at, interval, token })
    if (taken === 1 && endpoint !== undefined) this.#start(endpoint, token)
  }

  #start(endpoint: EndpointState, token: string): void {
    const { logger } = this.#state.store
    const about = { provider: this.#state.provider, endpoint: endpoint.name }
    if (this.#acting.has(endpoint.name)) return logger.warn(about, 'a scheduled action was skipped: the previous one has not ended')
    const action = endpoint
      .log(token)
      .then(
        (logged) => {
          if (logged === null) logger.warn(about, 'a scheduled action had nothing to log: the value is null')
        },
        // One bad reading does not end the schedule.
        (error: unknown) => logger.warn({ err: error, ...about }, 'a scheduled action failed'),
      )
      .finally(() => this.#acting.delete(endpoint.name))
    this.#acting.set(endpoint.name, action)
  }

  /** No more ticks; resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true
    this.#callOff?.()
    await this.#looking
    await Promise.all(this.#acting.values())
  }
}
