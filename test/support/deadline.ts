import { setTimeout as pause } from 'node:timers/promises'

/** The promise's outcome, or a failure that says what did not happen within `milliseconds`. */
export async function within<T>(milliseconds: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Asks again and again, for what gives no event, until the answer is truthy, and resolves to that answer.
 *
 * @param deadline ms in all, one slow answer included.
 * @param every ms between two questions.
 */
export async function until<T>(condition: () => T | Promise<T>, deadline: number, what: string, every: number = 10): Promise<T> {
  const end = Date.now() + deadline
  for (;;) {
    const answer = await within(Math.max(1, end - Date.now()), Promise.resolve(condition()), what)
    if (answer) return answer
    if (Date.now() >= end) throw new Error(`${what}: not within ${deadline} ms`)
    await pause(every)
  }
}
