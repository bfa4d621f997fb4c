import { SortedSet } from './sorted-set.ts'

/**
 * A SortedSet whose default score is the time at which the server adds the item, in epoch ms, plus the
 * store's `clockOffset`. Adding an item again moves it to the back. Items of the same millisecond are ordered
 * by the bytes of their serialized text.
 */
export class TimeSortedSet<T = string> extends SortedSet<T> {
  protected override get defaultScore(): string {
    return ''
  }
}
