import { openSync, readFileSync, writeSync } from 'node:fs'

/**
 * What one process has done and seen, a line an event, fields with blanks between. Each write is one
 * synchronous append, so a line is there when `write` returns, whatever kills the process then: what may have
 * happened is written before it is done (the start of a handler), what has happened after it is known (the
 * acknowledgement of an add).
 */
export class History {
  #file

  constructor(path) {
    this.#file = openSync(path, 'a')
  }

  write(...fields) {
    writeSync(this.#file, `${fields.join(' ')}\n`)
  }

  /** Many lines in one append; each is an array of fields. */
  writeAll(lines) {
    if (lines.length > 0) writeSync(this.#file, lines.map((fields) => `${fields.join(' ')}\n`).join(''))
  }
}

/**
 * The lines of a history as arrays of fields. A last line that does not end was cut by the end of its
 * process, and is left out.
 */
export function* readHistory(path) {
  // Latin-1: ids and codes are ASCII, and a file of a hundred megabytes then takes as many bytes in memory.
  const text = readFileSync(path, 'latin1')
  for (let start = 0, end; (end = text.indexOf('\n', start)) >= 0; start = end + 1) yield text.slice(start, end).split(' ')
}
