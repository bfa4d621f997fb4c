import type { Clock } from '@ripen/store/internal'
import { randomBytes } from 'node:crypto'
import { clientLanes } from '../constants.ts'
import type { QueueOrder } from '../queue-settings.ts'
import type { Session } from './shard.ts'

/** How often a name in use is renewed, in ms; the server forgets one after ten minutes. */
const renewal = 60_000

interface LaneName {
  readonly name: string
  /** When it was last renewed, on the clock of the store. */
  renewed: number
}

/** What a call on a lane sends, besides its own values. */
export interface LaneValues {
  readonly order: QueueOrder
  readonly lane: string
  readonly number: number
  /** The entry of the lane's name in `expiry`, once a minute; else `''`. */
  readonly renew: string
}

/**
 * A numbered line of calls, one under way. The server remembers the number and the answer of the last call
 * that it has applied, so that a copy of it is answered and not applied.
 */
export class Lane {
  readonly session: LaneSession
  readonly #of: LaneName
  readonly #name: string
  /** The number of its last call. */
  #number = 0

  constructor(session: LaneSession, of: LaneName, index: number) {
    this.session = session
    this.#of = of
    this.#name = `${of.name}:${index}`
  }

  get order(): QueueOrder {
    return this.session.order
  }

  /** What its next call sends: each has a number of its own. */
  nextCall(clock: Clock): LaneValues {
    const now = clock.now()
    const isDue = now - this.#of.renewed >= renewal
    if (isDue) this.#of.renewed = now
    const number = ++this.#number
    return { order: this.session.order, lane: this.#name, number, renew: isDue ? `s:${this.#of.name}` : '' }
  }

  /** A call has failed that may have carried the renewal: the next one carries it. */
  forgetRenewal(): void {
    this.#of.renewed = Number.NEGATIVE_INFINITY
  }
}

/** Shared by the lanes of one hello. */
interface LaneSession {
  readonly order: QueueOrder
  readonly idle: Lane[]
  /** How many lanes there are, idle or not. */
  size: number
}

/** The lanes of one client. A lane that comes back is the next to be taken. */
export class Lanes {
  readonly #open: (budget: number) => Promise<Session>
  readonly #most: number
  #session: LaneSession | undefined
  #opening: Promise<void> | undefined

  /**
   * @param open says hello.
   * @param most how many lanes there may be: a multiple of four.
   */
  constructor(open: (budget: number) => Promise<Session>, most: number = clientLanes) {
    this.#open = open
    this.#most = most
  }

  get isOpen(): boolean {
    return this.#session !== undefined
  }

  /** Opens a session; who asks meanwhile waits for the same hello. @param budget in ms. */
  open(budget: number): Promise<void> {
    this.#opening ??= this.#open(budget)
      .then(({ name, order }) => {
        this.#session = { order, idle: [], size: 0 }
        addLanes(this.#session, name)
      })
      .finally(() => (this.#opening = undefined))
    return this.#opening
  }

  /** Undefined while no session is open, and while all lanes are busy. */
  take(): Lane | undefined {
    const session = this.#session
    if (session === undefined) return undefined
    // A name is as good as another: nobody hands them out.
    if (session.idle.length === 0 && session.size < this.#most) addLanes(session, randomBytes(9).toString('base64url'))
    return session.idle.pop()
  }

  /** Whether it belongs to the session that is open. */
  has({ session }: Lane): boolean {
    return this.#session === session
  }

  /** The call on the lane was answered, or can be fenced by the next one: see {@link Lane}. */
  release(lane: Lane): void {
    lane.session.idle.push(lane)
  }

  /** The lane is not used again, nor are its neighbours: the next call opens another session. */
  giveUp({ session }: Lane): void {
    if (this.#session === session) this.#session = undefined
  }
}

function addLanes(session: LaneSession, name: string): void {
  const of: LaneName = { name, renewed: Number.NEGATIVE_INFINITY }
  for (let lane = 0; lane < clientLanes; lane++) session.idle.push(new Lane(session, of, lane))
  session.size += clientLanes
}
