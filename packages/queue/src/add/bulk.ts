import { ConfigurationError, type RipenError } from '@ripen/store'
import { any, parseOptions } from '@ripen/store/internal'
import type { StoredJob } from '../job/job.ts'
import type { Adders } from './adders.ts'
import type { JobFactory } from './job-factory.ts'
import type { PreparedJob } from './prepared-job.ts'

const itemRules = { name: any<string>(), data: any<unknown>(), options: any<unknown>() }

/**
 * Checks all jobs of a bulk before any is sent; a promise only where a schema has to be asked, so that jobs
 * are sent in the order of the calls. @throws ConfigurationError, InvalidJobError that name the item.
 */
export function prepareBulk(factory: JobFactory, items: unknown): readonly PreparedJob[] | Promise<readonly PreparedJob[]> {
  if (!Array.isArray(items)) throw new ConfigurationError('jobs', 'must be an array of { name, data, options }', items)
  const prepared = items.map((item, index) => prepareItem(factory, item, index))
  if (!prepared.some((job) => job instanceof Promise)) return prepared as PreparedJob[]
  return Promise.all(prepared.map((job) => Promise.resolve(job)))
}

function prepareItem(factory: JobFactory, item: unknown, index: number): PreparedJob | Promise<PreparedJob> {
  const { name, data, options } = isBulkItem(item) ? item : parseOptions('a job of a bulk', item, itemRules, `jobs[${index}]`)
  const prepared = factory.prepare(name, data, options, index)
  // Heard by the caller, unless an item behind this one throws at once.
  if (prepared instanceof Promise) prepared.catch(() => undefined)
  return prepared
}

/** An object without other keys: the fast way, for bulks of thousands. */
function isBulkItem(item: unknown): item is { name: string; data?: unknown; options?: unknown } {
  if (typeof item !== 'object' || item === null) return false
  for (const key in item) if (key !== 'name' && key !== 'data' && key !== 'options') return false
  return true
}

/**
 * Adds jobs, and answers with a job or an error for each, in order. One promise for all: a bulk may have
 * thousands.
 */
export function addBulk(adders: Adders, jobs: readonly PreparedJob[]): Promise<readonly (StoredJob | RipenError)[]> {
  return new Promise((resolve) => {
    const results: (StoredJob | RipenError)[] = []
    let missing = jobs.length
    if (missing === 0) resolve(results)
    for (const [index, job] of jobs.entries()) {
      const gather = (result: StoredJob | RipenError): void => {
        results[index] = result
        if (--missing === 0) resolve(results)
      }
      adders.of(job.durability).push(job, gather, gather)
    }
  })
}
