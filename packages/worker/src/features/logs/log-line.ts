import { textOf } from '@ripen/store/internal'
import { cutWithMark, plainFields } from './plain-fields.ts'

/** Bytes of a line as it is stored. */
const longestLine = 2_048
/** Of these, in characters: the rest is for the time and what stands around. */
const room = 2_000

/**
 * A line as it is stored: JSON of its time, message and fields, at most 2 kB. Never throws: what is too long
 * is cut, with a `…` in its place.
 */
export function logLine(at: number, message: unknown, fields: unknown): string {
  const text = typeof message === 'string' ? message : textOf(message, room)
  // A long message and long fields share the room; 32 characters are for what stands around a field.
  const given = plainFields(fields, Math.max(room / 2, room - text.length - 32))
  const line = write(at, text, given, room)
  if (Buffer.byteLength(line) <= longestLine) return line
  // Characters of several bytes, or that JSON escapes: six bytes at most.
  for (let most = room; ; most = Math.floor(most / 2)) {
    const shorter = write(at, cutWithMark(text, most), plainFields(given, most / 2), most)
    if (Buffer.byteLength(shorter) <= longestLine) return shorter
  }
}

function write(at: number, message: string, fields: object, most: number): string {
  const bare = JSON.stringify(fields)
  const shown = cutWithMark(message, Math.max(most >> 1, most - bare.length))
  return bare === '{}' ? JSON.stringify([at, shown]) : `[${at},${JSON.stringify(shown)},${bare}]`
}
