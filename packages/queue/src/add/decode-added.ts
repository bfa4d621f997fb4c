/** What became of a batch, as `add.lua` answers. */
export interface AddedBatch {
  /** When, by the server's clock. */
  readonly now: number
  /** The ids of the jobs that stay in the stead of others, by the index of these. */
  readonly survivors: ReadonlyMap<number, string>
  /** The indices of those that wait for another job of their unique key. */
  readonly blocked: ReadonlySet<number>
}

const none: Pick<AddedBatch, 'survivors' | 'blocked'> = { survivors: new Map(), blocked: new Set() }

/**
 * Positions are counted among the records: only a batch that was sent as records alone can have any. Pure.
 */
export function decodeAdded(answer: string): AddedBatch {
  const [head = '', ...survivors] = answer.split('\n')
  const [now, duplicates, blocked] = head.split(' ')
  if (duplicates === '' && blocked === '') return { now: Number(now), ...none }
  return {
    now: Number(now),
    survivors: new Map(indices(duplicates).map((index, i) => [index, survivors[i] ?? ''])),
    blocked: new Set(indices(blocked)),
  }
}

function indices(positions = ''): number[] {
  return positions === '' ? [] : positions.split(',').map((position) => Number(position) - 1)
}
