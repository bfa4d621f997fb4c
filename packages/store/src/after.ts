/** The longest that a timer of Node counts, in ms: it fires at once beyond. */
export const longestTimer = 2 ** 31 - 1

/**
 * Calls back after so many ms, however many; `Infinity` is never.
 *
 * @returns a function that calls it off.
 */
export function after(milliseconds: number, callback: () => void): () => void {
  if (milliseconds === Number.POSITIVE_INFINITY) return () => undefined
  const end = performance.now() + milliseconds
  let timer: NodeJS.Timeout
  const wait = (): void => {
    const left = end - performance.now()
    timer = setTimeout(left > longestTimer ? wait : callback, Math.min(Math.max(0, left), longestTimer))
  }
  wait()
  return () => clearTimeout(timer)
}
