import { ConfigurationError } from '@ripen/store'
import type { Execution } from './execution.ts'
import type { Middleware } from '../worker-options.ts'

/**
 * The layers around the handler, the first outermost. @throws what they throw; a ConfigurationError when one
 * of them calls `next()` twice.
 */
export async function callThrough(layers: readonly Middleware[], execution: Execution, handler: () => Promise<unknown>): Promise<unknown> {
  let fault: ConfigurationError | undefined
  const chain = layers.reduceRight<() => Promise<unknown>>((inner, layer, index) => {
    let called = false
    const next = async (): Promise<unknown> => {
      if (called) throw (fault ??= new ConfigurationError(`middleware[${index}]`, 'must call next() only once for each job'))
      if (execution.over) throw new ConfigurationError(`middleware[${index}]`, 'must not call next() after the attempt has ended')
      called = true
      return inner()
    }
    return async () =>
      layer(execution.job, execution, () => {
        const answer = next()
        answer.catch(() => undefined) // heard by the layer, or it has decided not to listen
        return answer
      })
  }, handler)
  const result = await chain()
  // Also where the layer has caught it.
  if (fault !== undefined) throw fault
  return result
}
