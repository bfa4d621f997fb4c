/**
 * Returns the score of an item: a finite number, lower is taken sooner. It gets the item itself, not its
 * serialized text.
 */
export type Scorer<T> = (item: T) => number
