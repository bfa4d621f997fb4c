import type { CallBounds } from '@ripen/store/internal'
import type { Shard } from '../shard/shard.ts'
import type { QueueFinding, QueueInvariant } from './queue-report.ts'

/** Where a page begins, and about how many entries it is to have. */
export interface PageRequest {
  readonly cursor: string
  readonly count: number
}

/** What one script saw and judged, at one instant. */
export interface Page {
  /** Where the next one begins; '0' after the last. */
  readonly cursor: string
  readonly seen: number
  /** The length of the texts that travelled. */
  readonly size: number
  readonly findings: readonly QueueFinding[]
  /** Whether it has taken entries out of what is being scanned. */
  readonly shortened: boolean
}

/** What a scan works on. */
export interface ScanHost {
  readonly shard: Shard
  readonly repair: 0 | 1
  readonly bounds: CallBounds
}

/** Reads and judges one page. */
export type Scan = (host: ScanHost, page: PageRequest) => Promise<Page>

export function sizeOf(texts: readonly string[]): number {
  return texts.reduce((size, text) => size + text.length, 0)
}

/** What is found where a script answers with the ids of what should not be there, and with `repair` has removed it. */
export function strays(
  repair: 0 | 1,
  ids: readonly string[],
  invariant: QueueInvariant,
  detail: string,
): Pick<Page, 'findings' | 'shortened'> & { findings: QueueFinding[] } {
  const repaired = repair === 1
  return { shortened: repaired && ids.length > 0, findings: ids.map((id) => ({ invariant, id, detail, repaired })) }
}
