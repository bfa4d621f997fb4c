import type { CallBounds } from '@ripen/store/internal'
import type { Shard } from '../shard/shard.ts'
import type { QueueFinding, QueueInvariant } from './queue-report.ts'

/** The start of a page, and about how many entries it should have. */
export interface PageRequest {
  readonly cursor: string
  readonly count: number
}

/** The entries that one script saw and judged at one instant. */
export interface Page {
  /** The cursor of the next page; '0' after the last. */
  readonly cursor: string
  readonly seen: number
  /** The length of the texts that travelled. */
  readonly size: number
  readonly findings: readonly QueueFinding[]
  /** Whether it has taken entries out of what is being scanned. */
  readonly shortened: boolean
}

/** The context of a scan. */
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

/** The findings of a script that returns ids which should not be there, and removes them with `repair`. */
export function strays(
  repair: 0 | 1,
  ids: readonly string[],
  invariant: QueueInvariant,
  detail: string,
): Pick<Page, 'findings' | 'shortened'> & { findings: QueueFinding[] } {
  const repaired = repair === 1
  return { shortened: repaired && ids.length > 0, findings: ids.map((id) => ({ invariant, id, detail, repaired })) }
}
