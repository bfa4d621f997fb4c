import type { Logger } from '@ripen/store'
import { describeError, isError } from '@ripen/store/internal'
import type { Execution } from '../../run/execution.ts'

/**
 * A logger that says with each line which attempt it is of. Fields of the handler with names that this needs
 * stand under `given`.
 */
export function attemptLogger(logger: Logger, { held: { id }, job: { queue, name }, attempt }: Execution): Logger {
  // `name` is that of the logger in pino.
  const bound = { queue, job: id, jobName: name, attempt }
  const log = (level: keyof Logger) => (fields: unknown, message: unknown) => {
    const [own, text] = typeof fields === 'string' ? [message, fields] : [fields, message ?? messageOf(fields)]
    logger[level]({ ...withoutNames(fieldsOf(own), Object.keys(bound)), ...bound }, text as string)
  }
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
}

/** As pino: an error alone is told with its message. */
function messageOf(fields: unknown): string | undefined {
  return isError(fields) ? describeError(fields).message : undefined
}

/** As pino: an error stands under `err`. What is no object stands under `value`. */
function fieldsOf(given: unknown): Record<string, unknown> {
  if (given === undefined || given === null) return {}
  if (isError(given)) return { err: given }
  const fields: Record<string, unknown> = {}
  try {
    if (typeof given !== 'object' || Array.isArray(given) || ArrayBuffer.isView(given)) return { value: given }
    Object.assign(fields, given)
  } catch {
    // A getter of the application that throws, or a proxy: the line goes without it.
  }
  return fields
}

function withoutNames(fields: Record<string, unknown>, names: readonly string[]): object {
  if (!names.some((name) => Object.hasOwn(fields, name))) return fields
  const taken = new Set([...names, 'given'])
  const entries = Object.entries(fields)
  const given = Object.fromEntries(entries.filter(([name]) => taken.has(name)))
  return { ...Object.fromEntries(entries.filter(([name]) => !taken.has(name))), given }
}
