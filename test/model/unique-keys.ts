import type { Model } from './model.ts'

export interface ModelUnique {
  readonly key: string
  readonly during: 'waiting' | 'unfinished' | number
  readonly onConflict: 'keep' | 'replace' | 'debounce'
}

interface Hold {
  readonly id: string
  /** Or until when, by the server's clock. */
  readonly during: 'waiting' | 'unfinished' | { readonly until: number }
}

/** Who holds which unique key. */
export class UniqueKeys {
  /** Key → its holder; one that was left behind may stand here, too. */
  readonly holds = new Map<string, Hold>()
  /** Key → the job that is blocked behind its holder. */
  readonly behind = new Map<string, string>()
  /** Job that has not ended → its key. */
  readonly keys = new Map<string, string>()

  /** Who holds the key, if anybody does. */
  holder(model: Model, key: string): Hold | undefined {
    const hold = this.holds.get(key)
    if (hold === undefined) return undefined
    const { id, during } = hold
    // Not another job of that id.
    const job = this.keys.get(id) === key ? model.jobs.get(id) : undefined
    const waits = job?.state === 'ready' || job?.state === 'scheduled'
    if (typeof during === 'object') return during.until > model.now ? hold : undefined
    return waits || (job?.state === 'active' && during === 'unfinished') ? hold : undefined
  }

  hold(model: Model, { key, during }: ModelUnique, id: string): void {
    this.holds.set(key, { id, during: typeof during === 'number' ? { until: model.now + during } : during })
    this.keys.set(id, key)
  }

  /** Behind the holder, which has the key until its end from now on. */
  block(key: string, holder: string, id: string): void {
    this.holds.set(key, { id: holder, during: 'unfinished' })
    this.behind.set(key, id)
    this.keys.set(id, key)
  }

  /** The job has ended or is gone. Answers the id of the job that goes on instead. */
  release(model: Model, id: string): string | undefined {
    const key = this.keys.get(id)
    if (key === undefined) return undefined
    this.keys.delete(id)
    const next = this.behind.get(key)
    if (next === id) this.behind.delete(key)
    const hold = this.holds.get(key)
    if (next === id || hold?.id !== id || typeof hold.during === 'object') return undefined
    this.holds.delete(key)
    if (next === undefined) return undefined
    this.behind.delete(key)
    const job = model.jobs.get(next)
    if (job?.state !== 'blocked') return undefined
    this.hold(model, job.unique as ModelUnique, next)
    if (job.score > model.now) job.state = 'scheduled'
    else model.becomeReady(job)
    model.moved(job)
    return next
  }

  /** Times that are over end. */
  sweep(now: number): void {
    for (const [key, { during }] of this.holds) if (typeof during === 'object' && during.until <= now) this.holds.delete(key)
  }

  /** When keys that are held for a time become free. */
  ends(): [key: string, until: number][] {
    return [...this.holds].flatMap(([key, { during }]): [string, number][] => (typeof during === 'object' ? [[key, during.until]] : []))
  }

  /** As the server holds it. */
  rows(): Record<string, string> {
    const letters = { waiting: 'w', unfinished: 'u' }
    return Object.fromEntries([
      ...[...this.holds].map(([key, { id, during }]) => [
        `k${key}`,
        `${typeof during === 'object' ? during.until : letters[during]} ${id}`,
      ]),
      ...[...this.behind].map(([key, id]) => [`b${key}`, id]),
      ...[...this.keys].map(([id, key]) => [`i${id}`, key]),
    ]) as Record<string, string>
  }
}
