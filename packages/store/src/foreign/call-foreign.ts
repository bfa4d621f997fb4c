/**
 * Calls a function that was given to Ripen and whose result nobody waits for. What it throws, or its promise
 * rejects with, goes to `failed`, which must not throw.
 */
export function callForeign<P extends readonly unknown[]>(
  call: (...parameters: P) => unknown,
  parameters: P,
  failed: (thrown: unknown) => void,
  self?: unknown,
): void {
  try {
    const answer: unknown = Reflect.apply(call, self, parameters)
    if (typeof answer === 'object' && answer !== null) Promise.resolve(answer).then(undefined, failed)
  } catch (thrown) {
    failed(thrown)
  }
}
