import type { ChainableCommander } from 'ioredis'
import type { Telemetry } from './telemetry.ts'

type Results = Awaited<ReturnType<ChainableCommander['exec']>>

/** Makes `exec` of a pipeline one operation; what is queued before it makes none. */
export function namedPipeline(pipeline: ChainableCommander, name: string, telemetry: Telemetry): ChainableCommander {
  const exec = pipeline.exec.bind(pipeline)
  // The types of ioredis do not tell that a pipeline has it.
  const untyped = pipeline as unknown as { multi(...options: unknown[]): ChainableCommander }
  const multi = untyped.multi.bind(untyped)
  let transactions = 0
  let sent = false
  return Object.assign(pipeline, {
    multi(...options: unknown[]): ChainableCommander {
      transactions++
      return multi(...options)
    },
    exec(...callback: Parameters<ChainableCommander['exec']>): Promise<Results> {
      // The first exec after multi is queued. And ioredis calls exec again by itself, when a cluster is ready
      // or has redirected the pipeline.
      if (transactions > 0 || sent) {
        transactions = Math.max(0, transactions - 1)
        return exec(...callback)
      }
      sent = true
      return telemetry.observe({ span: `pipeline_${name}`, command: 'pipeline' }, () => exec(...callback), errorAmong)
    },
  })
}

/**
 * The first command that failed; a transaction has the errors of its commands among the results of its last.
 */
function errorAmong(results: Results): unknown {
  for (const [error, result] of results ?? []) {
    const found: unknown = error ?? (Array.isArray(result) ? result.find((value) => value instanceof Error) : undefined)
    if (found !== undefined) return found
  }
  return undefined
}
