import { any, boolean, optional, parseOptions, signal as aborting } from '@ripen/store/internal'
import type { Queue } from '../queue.ts'
import { Shard } from '../shard/shard.ts'
import { Findings } from './findings.ts'
import type { QueueProgress, QueueReport } from './queue-report.ts'
import type { Page, PageRequest } from './page.ts'
import { ShardPages } from './shard-pages.ts'

export interface VerifyQueueOptions {
  /** Repairs what can be repaired without losing anything. Default false: nothing is changed. */
  readonly repair?: boolean
  readonly signal?: AbortSignal
  /** Called after each page. */
  readonly onProgress?: (progress: QueueProgress) => void
}

const rules = {
  repair: optional(boolean, false),
  signal: optional(aborting, undefined),
  onProgress: optional(any<NonNullable<VerifyQueueOptions['onProgress']>>(), undefined),
}

/**
 * A page has about this many entries: few to begin with, as nobody knows how large rows are, and at most what
 * a script judges in a few milliseconds.
 */
const firstCount = 16
const mostEntries = 250
/**
 * A page is to be no longer than this, in characters; after one of less than a quarter the next has twice as
 * many entries.
 */
const longPage = 2 ** 20

/**
 * Checks what must always hold for the keys of a queue, while the queue works: see {@link QueueInvariant}. It
 * goes page by page, about 250 entries at most. One script judges each page at one instant, so a job that
 * moves meanwhile is not a finding. Jobs added or removed meanwhile may be missed. Every row travels to the
 * caller once.
 *
 * With `repair`, the script that finds a fault repairs it in the same step:
 *
 * - A job in no state becomes ready, and may run again. If a worker has its lease, it stays with that worker.
 * - A job in several states keeps the first of: active with a lease, scheduled, ready, the latest end.
 * - An active job without a lease becomes ready. A ready job goes back to the band of its priority.
 * - A blocked job that waits for no other job goes on.
 * - Entries that belong to no job, and deadlines that are not times, are removed.
 * - A schedule that is neither paused nor over gets a next run: the first from now on.
 * - Rows that cannot be read, other scores, and what never expires are only reported.
 *
 * In `embedded:`, a queue at work may hide some entries from one pass.
 *
 * @throws ConfigurationError for an option that breaks its rule, or if the queue has another order;
 *   LayoutTooNewError; ConnectionError; the reason of the signal.
 */
export async function verifyQueue(queue: Queue<any>, options?: VerifyQueueOptions): Promise<QueueReport> {
  const { repair, signal, onProgress } = parseOptions('verifyQueue options', options, rules)
  const shard = new Shard(queue.store, queue.name, queue.definition.settings)
  const { order } = await shard.openSession({ signal })
  const pages = new ShardPages(shard, order, { repair, signal })
  const findings = new Findings()
  findings.add(await pages.features())
  const { total } = await pages.counts()
  let checked = 0
  for (const read of pages.scans()) {
    for await (const page of scan(read)) {
      checked += page.seen
      findings.add(page.findings)
      onProgress?.({ checked, total, found: findings.found })
    }
  }
  findings.add((await pages.counts()).findings)
  const { kept, found, repaired } = findings
  return { queue: queue.name, ok: found === repaired, checked, found, repaired, findings: kept }
}

async function* scan(read: (page: PageRequest) => Promise<Page>): AsyncGenerator<Page> {
  let [cursor, count] = ['0', firstCount]
  for (;;) {
    const page = await read({ cursor, count })
    yield page
    // The embedded server counts entries: those after a removed one have moved up, so its page is read again.
    if (page.shortened) continue
    if (page.cursor === '0') return
    cursor = page.cursor
    if (page.size > longPage) count = Math.max(1, Math.floor(count / 4))
    else if (page.size < longPage / 4) count = Math.min(mostEntries, count * 2)
  }
}
