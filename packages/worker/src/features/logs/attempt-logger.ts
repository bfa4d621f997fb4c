import type { Logger } from '@ripen/store'
import type { Execution } from '../../run/execution.ts'

/** A logger that says with each line which attempt it is of, whatever fields are given. */
export function attemptLogger(logger: Logger, { held: { id }, job: { queue, name }, attempt }: Execution): Logger {
  const bound = { queue, job: id, name, attempt }
  const log = (level: keyof Logger) => (fields: object, message: string) => {
    const all = { ...bound }
    try {
      Object.assign(all, fields, bound)
    } catch {
      // A getter of the application that throws, or a proxy: the line goes without it.
    }
    logger[level](all, message)
  }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}
