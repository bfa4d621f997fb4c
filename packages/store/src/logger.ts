import { pino } from 'pino'
import { guardLogger } from './foreign/guard-logger.ts'

/** A logger for Ripen: any object with these four methods of a pino logger. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

let shared: Logger | undefined

/**
 * The default logger: JSON lines on stderr, at the level `RIPEN_LOG_LEVEL` (default `info`). One per process.
 */
export function defaultLogger(): Logger {
  shared ??= guardLogger(
    pino({ name: 'ripen', level: process.env['RIPEN_LOG_LEVEL'] ?? 'info' }, pino.destination({ dest: 2, sync: true })),
  )
  return shared
}
