import { longestDuration } from '@ripen/store/internal'

/** Whether a value is one that Ripen stores. */
export type Check = (value: unknown) => boolean

/** A duration in ms. */
export const isSpan: Check = (value) => typeof value === 'number' && value >= 0 && value <= longestDuration
export const isText: Check = (value) => typeof value === 'string'

/** An object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
