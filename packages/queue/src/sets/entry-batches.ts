/** An item as a set stores it, and its score as text; `''` is the server's time. */
export interface Entry {
  readonly score: string
  readonly item: string
}

/** What one call of the script takes: a batch keeps the server busy for about a millisecond. */
const mostEntries = 500
const mostCharacters = 1_048_576

/**
 * Cuts entries, in their order, into batches of at most 500 entries and about 1 MiB; an entry larger than
 * that is a batch of its own.
 */
export function* entryBatches(entries: readonly Entry[]): Generator<Entry[], void, undefined> {
  let batch: Entry[] = []
  let characters = 0
  for (const entry of entries) {
    if (batch.length === mostEntries || (batch.length > 0 && characters + entry.item.length > mostCharacters)) {
      yield batch
      batch = []
      characters = 0
    }
    batch.push(entry)
    characters += entry.item.length
  }
  if (batch.length > 0) yield batch
}
