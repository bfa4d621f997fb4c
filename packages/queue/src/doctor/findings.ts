import type { QueueFinding } from './queue-report.ts'

/** How many findings a report keeps; the others are counted. */
const most = 1_000

/** The findings so far. */
export class Findings {
  readonly kept: QueueFinding[] = []
  found = 0
  repaired = 0
  readonly #known = new Set<string>()

  /**
   * A server that resizes a hash during a scan may show an entry twice: a finding that is known is no other
   * one.
   */
  add(findings: readonly QueueFinding[]): void {
    for (const finding of findings) {
      const { invariant, id, detail, repaired } = finding
      const key = `${invariant}\n${id}\n${detail}`
      if (this.#known.has(key)) continue
      this.found++
      if (repaired) this.repaired++
      if (this.kept.length === most) continue
      this.#known.add(key)
      this.kept.push(finding)
    }
  }
}
