/**
 * An iteration that ends when the signal aborts, and at once when `return` is called: a generator alone would
 * hold that back until its next value, so one that waits has to be told.
 *
 * @param signal of the caller.
 * @param iterate makes the generator; it ends when the signal that it is given aborts.
 */
export function stoppable<T>(
  signal: AbortSignal | undefined,
  iterate: (signal: AbortSignal) => AsyncGenerator<T, undefined, undefined>,
): AsyncIterableIterator<T, undefined, undefined> {
  const stop = new AbortController()
  const steps = iterate(stop.signal)
  const abort = (): void => stop.abort()
  const end = (): void => {
    signal?.removeEventListener('abort', abort)
    stop.abort()
  }
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted === true) abort()
  return {
    async next() {
      const step = await steps.next()
      if (step.done === true) end()
      return step
    },
    return() {
      end()
      return steps.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
