/** ms that a failover which nobody asked for may take, and in which a former primary may take writes. */
const longest = 15_000

/**
 * When writes were made that a failover may have lost: from before a primary died, or its replica fell behind, until it led no more.
 *
 * @returns `failovers`: how many there were; `unasked`: those that no fault explains; `mayTake(from, until)`: whether a write of that time, in epoch ms, may be gone.
 */
export function readLosses({ notes }) {
  const moves = new Set(notes[0].faults.filter((fault) => fault.moves).map(({ number }) => number))
  const made = notes.filter(({ what, fault }) => what === 'made' && moves.has(fault))
  const changes = notes.filter(({ what }) => what === 'primary')
  const unasked = changes.filter(({ at }) => !made.some(({ from, until }) => at >= from && at <= until + longest))
  const windows = [
    ...notes.filter(({ what }) => what === 'lossy'),
    ...unasked.map(({ at }) => ({ from: at - longest, until: at + longest })),
  ]
  return {
    changes: changes.length,
    unasked,
    mayTake: (from, until = from) => windows.some((window) => from <= window.until && until >= window.from),
  }
}
