import { ConfigurationError } from '../errors/errors.ts'
import type { Rule } from '../options/options.ts'

/**
 * A state of a channel. `epoch` is a new, greater number each time the channel is created or reset, and never
 * repeats, even after a delete. `rev` is then 0, and grows by one with each successful change.
 */
export interface Revision {
  readonly epoch: number
  readonly rev: number
}

/** The value of a channel and its revision. */
export interface ChannelState<T> extends Revision {
  readonly value: T
}

export type ChannelChange<T> = { readonly changed: false } | ({ readonly changed: true } & ChannelState<T>)

/** Anything that has an epoch and a rev, such as a state that was read before. */
export const revision: Rule<Revision> = (option, value) => {
  const { epoch, rev } = (typeof value === 'object' ? (value ?? {}) : {}) as Partial<Revision>
  if (!isCount(epoch) || !isCount(rev)) throw new ConfigurationError(option, 'must be a revision: an object with epoch and rev', value)
  return { epoch, rev }
}

/** A revision, or a number: that rev of the current epoch. */
export const revisionOrNumber: Rule<Revision | number> = (option, value) => {
  if (isCount(value)) return value
  if (typeof value === 'object') return revision(option, value)
  throw new ConfigurationError(option, 'must be a revision, or a whole number from 0', value)
}

export function isNewer(a: Revision, b: Revision | undefined): boolean {
  return b === undefined || a.epoch > b.epoch || (a.epoch === b.epoch && a.rev > b.rev)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
