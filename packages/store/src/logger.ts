import { pino } from 'pino'
import { guardLogger } from './foreign/guard-logger.ts'

/** What Ripen logs through: the shape of a pino logger, so that any logger with these four methods serves. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

let shared: Logger | undefined

/** Ripen's own logger: JSON lines on stderr, level `RIPEN_LOG_LEVEL` (default `info`). One for the process. */
export function defaultLogger(): Logger {
  shared ??= guardLogger(
    pino({ name: 'ripen', level: process.env['RIPEN_LOG_LEVEL'] ?? 'info' }, pino.destination({ dest: 2, sync: true })),
  )
  return shared
}
