import type { Logger } from '@ripen/store'

export interface LogEntry {
  readonly level: keyof Logger
  readonly message: string
  readonly fields: object
}

/** A logger that keeps what it is given. */
export function capturedLog(): { readonly logger: Logger; readonly entries: readonly LogEntry[] } {
  const entries: LogEntry[] = []
  const at =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      void entries.push({ level, message, fields })
  return { logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, entries }
}
