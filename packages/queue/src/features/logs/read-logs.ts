import { integer, optional, parseOptions } from '@ripen/store/internal'
import { logReadScript } from '../../scripts.generated.ts'
import type { Shard } from '../../shard/shard.ts'

/** One line of the log of a job. */
export interface LogLine {
  /** Counts from 1 over all attempts. */
  readonly n: number
  /** When it was written, by the server's clock, in epoch ms. */
  readonly at: number
  readonly message: string
  /** As they were given; what JSON cannot hold, and what is too long, is described. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Which lines. */
export interface LogsOptions {
  /** Only lines with a greater `n`. Default 0: from the first one that is kept. */
  readonly after?: number
  /** Default 100, at most 1,000. */
  readonly limit?: number
}

const rules = { after: optional(integer(0, Number.MAX_SAFE_INTEGER), 0), limit: optional(integer(1, 1_000), 100) }

/** What `job.logs()` calls. */
export async function readLogs(shard: Shard, id: string, options: LogsOptions | undefined): Promise<LogLine[]> {
  const { after, limit } = parseOptions('logs options', options, rules)
  const [first, ...lines] = (await shard.script(logReadScript, { id, after, limit })).split('\n')
  return lines.flatMap((text, index) => lineOf(Number(first) + index, text))
}

/** Nothing for a line that no version of Ripen wrote. */
function lineOf(n: number, text: string): LogLine[] {
  try {
    const line: unknown = JSON.parse(text)
    if (!Array.isArray(line)) return []
    const [at, message, fields = {}] = line as readonly unknown[]
    if (!Number.isSafeInteger(at) || typeof message !== 'string' || !isObject(fields)) return []
    return [{ n, at: at as number, message, fields }]
  } catch {
    return []
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
