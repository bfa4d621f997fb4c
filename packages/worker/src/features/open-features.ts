import type { Outcome } from '../run/outcome.ts'
import type { FeatureHost, OpenFeature, WorkerFeature } from './feature-host.ts'
import { workerFeatures } from './registry.ts'

/** The worker's parts of all features, by name. */
export type FeaturesByName = {
  readonly [Name in keyof typeof workerFeatures]: ReturnType<(typeof workerFeatures)[Name]['open']>
}

/** What features run, beside the scripts of the worker. */
export const featureScripts = Object.values<WorkerFeature>(workerFeatures).flatMap(({ scripts }) => scripts)

type Storing = Required<Pick<OpenFeature, 'beforeSettling'>>

/** The worker's parts of all features, while it runs. */
export class OpenFeatures {
  readonly byName: FeaturesByName
  readonly #all: ReadonlyMap<string, OpenFeature>
  readonly #storing: readonly Storing[]

  constructor(host: FeatureHost) {
    this.#all = new Map(Object.entries<WorkerFeature>(workerFeatures).map(([name, feature]) => [name, feature.open(host)]))
    this.byName = Object.fromEntries(this.#all) as unknown as FeaturesByName
    this.#storing = [...this.#all.values()].filter((feature): feature is Storing => feature.beforeSettling !== undefined)
  }

  /** Features act on what `settle` reports of them. @param now by the server's clock. */
  report(reports: ReadonlyMap<string, readonly string[]>, now: number): void {
    for (const [name, report] of reports) this.#all.get(name)?.report?.(report, now)
  }

  /**
   * Stores what has to be stored before these jobs are settled; undefined for nothing, so that nobody waits.
   * Never rejects.
   */
  beforeSettling(outcomes: readonly Outcome[]): Promise<void> | undefined {
    let all: Promise<void> | undefined
    for (const feature of this.#storing) {
      const one = feature.beforeSettling(outcomes)
      if (one !== undefined) all = all === undefined ? one : all.then(() => one)
    }
    return all
  }

  close(): void {
    for (const feature of this.#all.values()) feature.close?.()
  }
}
