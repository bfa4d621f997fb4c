/** ms that a failover which nobody asked for may take, and in which a former primary may take writes. */
const longest = 15_000

/**
 * When writes were made that a failover may have lost: from before a primary died, or its replica fell
 * behind, until it led no more.
 *
 * @returns `failovers`: how many there were; `unasked`: those that no fault explains; `mayTake(from, until)`:
 *   whether a write of that time, in epoch ms, may be gone.
 */
export function readLosses({ notes }) {
  const changes = notes.filter(({ what }) => what === 'primary')
  const asked = new Set()
  for (const { number, moves = 0 } of notes[0].faults) {
    const made = notes.find(({ what, fault }) => what === 'made' && fault === number)
    const within = changes.filter((change) => made && !asked.has(change) && change.at >= made.from && change.at <= made.until + longest)
    for (const change of within.slice(0, moves)) asked.add(change)
  }
  const unasked = changes.filter((change) => !asked.has(change))
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
