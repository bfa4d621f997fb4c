import type { Logger } from '../logger.ts'
import { callForeign } from './call-foreign.ts'
import { describeError } from './describe-error.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** A logger that never throws, around one that may: what is logged is lost then, and nothing else. */
export function guardLogger(given: Logger): Logger {
  const log = (level: Level) => (fields: object, message: string) => {
    const write = (to: object, failed: () => void): void =>
      callForeign((...line: [object, string]): unknown => given[level](...line), [to, message], failed)
    write(fields, () => {
      // Perhaps an error of the application that the logger could not read.
      if ('err' in fields) write({ ...fields, err: describeError(fields.err) }, () => undefined)
    })
  }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}
