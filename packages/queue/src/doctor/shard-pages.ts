import { describeError, type CallBounds } from '@ripen/store/internal'
import { deserialize } from '../job/payload.ts'
import { decodeRow, decodeState } from '../job/row.ts'
import { featureScans } from '../features/registry.ts'
import {
  doctorCountsScript,
  doctorExpiryScript,
  doctorFeaturesScript,
  doctorJobsScript,
  doctorRowsScript,
  doctorStatesScript,
} from '../scripts.generated.ts'
import type { Session, Shard } from '../shard/shard.ts'
import { sizeOf, strays, type Page, type PageRequest, type ScanHost } from './page.ts'
import type { QueueFinding, QueueInvariant } from './queue-report.ts'

const states = ['scheduled', 'ready', 'active', 'blocked', 'completed', 'failed', 'cancelled'] as const

/** The hashes of what belongs to jobs, and whose it may be: see `doctor-rows.lua`. */
const hashes = [
  { key: 'leases', holders: 'active', invariant: 'lease', detail: 'has a lease and is not active' },
  { key: 'state', holders: 'known', invariant: 'leftover', detail: 'has a state row and no row' },
  { key: 'cancels', holders: 'awaited', invariant: 'leftover', detail: 'is to be cancelled, and has ended or is gone' },
  { key: 'waiters', holders: 'spared', invariant: 'leftover', detail: 'is waited for, and has ended or is gone' },
  { key: 'watchers', holders: 'awaited', invariant: 'leftover', detail: 'is watched, and has ended or is gone' },
] as const

/** The pages of a shard, each judged, and with `repair` mended, by one script. */
export class ShardPages {
  readonly #shard: Shard
  readonly #order: Session['order']
  readonly #repair: 0 | 1
  readonly #bounds: CallBounds

  constructor(shard: Shard, order: Session['order'], { repair, ...bounds }: { readonly repair: boolean } & CallBounds) {
    this.#shard = shard
    this.#order = order
    this.#repair = repair ? 1 : 0
    this.#bounds = bounds
  }

  /**
   * The scans, in an order in which what one has mended is in order for the next: leases after the jobs that
   * may still need them, `expiry` after the ends and what features keep.
   */
  scans(): ((page: PageRequest) => Promise<Page>)[] {
    const host: ScanHost = { shard: this.#shard, repair: this.#repair, bounds: this.#bounds }
    return [
      ...states.map((state) => (page: PageRequest) => this.#state(state, page)),
      (page) => this.#jobs(page),
      ...hashes.map((hash) => (page: PageRequest) => this.#hash(hash, page)),
      ...featureScans.map((scan) => (page: PageRequest) => scan(host, page)),
      (page) => this.#expiry(page),
    ]
  }

  /** Whether every feature that is used is named. */
  async features(): Promise<QueueFinding[]> {
    const missing = await this.#shard.script(doctorFeaturesScript, { repair: this.#repair }, [], this.#bounds)
    return missing.map((id) => ({ invariant: 'feature', id, detail: 'is used, and not named in meta', repaired: this.#repair === 1 }))
  }

  /** How many entries there are in all, and whether their numbers agree. */
  async counts(): Promise<{ total: number; findings: QueueFinding[] }> {
    const counts = await this.#shard.script(doctorCountsScript, {}, [], this.#bounds)
    const [rows = 0, scheduled = 0, ready = 0, active = 0, blocked = 0, completed = 0, failed = 0, cancelled = 0, leases = 0] = counts
    const placed = scheduled + ready + active + blocked + completed + failed + cancelled
    const details = [
      ...(rows === placed ? [] : [`rows: ${rows}, jobs in a state: ${placed}`]),
      ...(leases === active ? [] : [`active jobs: ${active}, leases: ${leases}`]),
    ]
    return {
      total: counts.reduce((sum, count) => sum + count, 0),
      findings: details.map((detail) => ({ invariant: 'counts', id: '', detail, repaired: false })),
    }
  }

  async #state(state: (typeof states)[number], page: PageRequest): Promise<Page> {
    const [cursor, seen, ids] = await this.#shard.store.caller.script(
      doctorStatesScript,
      { keys: { jobs: this.#shard.keys.jobs, set: this.#shard.keys[state] }, arguments: { repair: this.#repair, ...page } },
      this.#bounds,
    )
    return { cursor, seen, size: 0, ...strays(this.#repair, ids, 'known', `is in ${state} and has no row`) }
  }

  async #jobs(page: PageRequest): Promise<Page> {
    const values = { order: this.#order, repair: this.#repair, ...page }
    const [cursor, rows, found] = await this.#shard.script(doctorJobsScript, values, [], this.#bounds)
    const findings: QueueFinding[] = []
    for (let i = 0; i < found.length; i += 4) {
      const [invariant, id, detail, repaired] = found.slice(i, i + 4) as [QueueInvariant, string, string, number]
      findings.push({ invariant, id, detail, repaired: repaired === 1 })
    }
    findings.push(...unreadable(rows, 'row', (row) => deserialize(decodeRow(row).data)))
    return { cursor, seen: rows.length / 2, size: sizeOf(rows), shortened: false, findings }
  }

  async #hash({ key, holders, invariant, detail }: (typeof hashes)[number], page: PageRequest): Promise<Page> {
    const [cursor, rows, ids] = await this.#shard.store.caller.script(
      doctorRowsScript,
      { keys: { ...this.#shard.keys, hash: this.#shard.keys[key] }, arguments: { holders, repair: this.#repair, ...page } },
      this.#bounds,
    )
    const { shortened, findings } = strays(this.#repair, ids, invariant, detail)
    if (key === 'state') findings.push(...unreadable(rows, 'state row', decodeState))
    return { cursor, seen: rows.length / 2, size: sizeOf(rows), shortened, findings }
  }

  async #expiry(page: PageRequest): Promise<Page> {
    const [cursor, seen, ids] = await this.#shard.script(doctorExpiryScript, { repair: this.#repair, ...page }, [], this.#bounds)
    return { cursor, seen, size: 0, ...strays(this.#repair, ids, 'expiry', 'stands in expiry and ends nothing') }
  }
}

/** @param rows pairs of id and row. */
function unreadable(rows: readonly string[], what: string, read: (row: string) => unknown): QueueFinding[] {
  const findings: QueueFinding[] = []
  for (let i = 0; i < rows.length; i += 2) {
    try {
      read(rows[i + 1] ?? '')
    } catch (error) {
      const reason = describeError(error).message
      findings.push({ invariant: 'row', id: rows[i] ?? '', detail: `has a ${what} that cannot be read: ${reason}`, repaired: false })
    }
  }
  return findings
}
