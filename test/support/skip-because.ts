import type { TestContext } from 'vitest'

/** Skips a test, or what is left of it, and prints the reason. */
export function skipBecause({ skip, task }: TestContext, applies: boolean, reason: string): void {
  if (!applies) return
  console.log(`skipped '${task.name}': ${reason}`)
  skip(reason)
}
