import { isDeepStrictEqual } from 'node:util'
import { WrongTypeError } from '../errors/errors.ts'
import type { JsonPath } from './json-path.ts'

/**
 * Where a value is in an array, as JSON.ARRINDEX of RedisJSON: from `start` up to, and without, `stop`; a
 * stop of 0 is the end. Negative places count from the end, those out of range are rounded to it. Also finds
 * objects and arrays, which RedisJSON did not.
 *
 * @returns -1 when it is not there.
 */
export function indexOf(path: JsonPath, array: unknown, sought: unknown, start: number, stop: number): number {
  if (!Array.isArray(array)) throw new WrongTypeError(`arrindex needs an array at '${path.toString()}'`)
  const end = stop === 0 ? array.length : stop
  const [from, to] = [start, end].map((place) => (place < 0 ? Math.max(0, place + array.length) : place)) as [number, number]
  const found = array.slice(from, to).findIndex((element) => isDeepStrictEqual(element, sought))
  return found < 0 ? -1 : found + from
}
