import { ConfigurationError } from '@ripen/store'
import { identifier, queueName } from '@ripen/store/internal'
import type { JobDefinition } from './job/job-definition.ts'
import { parseQueueSettings, type ParsedQueueSettings, type QueueSettings } from './queue-settings.ts'

/** The name, jobs and settings of a queue, shared by producers and workers. It opens nothing. */
export interface QueueDefinition<J> {
  readonly name: string
  readonly settings: ParsedQueueSettings
  /** Job definitions by name; `undefined` if only the compiler knows the jobs. */
  readonly jobs: Readonly<Record<string, JobDefinition<any, any, any>>> | undefined
  /** Only for types; never there at run time. */
  readonly types?: { readonly jobs: J }
}

/**
 * Defines a queue.
 *
 * @param name 1 to 128 bytes of well-formed text without control characters or braces.
 * @throws ConfigurationError for a name or a setting that breaks its rule.
 */
export function defineQueue<const Jobs extends Readonly<Record<string, JobDefinition<any, any, any>>>>(
  name: string,
  options: { readonly jobs: Jobs } & QueueSettings,
): QueueDefinition<Jobs>
export function defineQueue<J = Record<string, any>>(name: string, settings?: QueueSettings): QueueDefinition<J>
export function defineQueue(
  name: string,
  options: QueueSettings & { readonly jobs?: Readonly<Record<string, JobDefinition<any, any, any>>> } = {},
): QueueDefinition<any> {
  if (typeof options !== 'object' || options === null) throw new ConfigurationError('settings', 'must be an object', options)
  const { jobs, ...settings } = options
  if (jobs !== undefined) {
    if (typeof jobs !== 'object' || jobs === null) throw new ConfigurationError('jobs', 'must map names to job() definitions', jobs)
    for (const [key, value] of Object.entries(jobs)) {
      identifier('jobs', key)
      if (value?.kind !== 'job') throw new ConfigurationError(`jobs.${key}`, 'must be made by job()', value)
    }
  }
  return { name: queueName('name', name), settings: parseQueueSettings(settings), jobs }
}

/** True for a definition from {@link defineQueue}, false for a name. */
export function isDefinition<J>(queue: string | QueueDefinition<J>): queue is QueueDefinition<J> {
  return typeof queue === 'object' && queue !== null && typeof queue.name === 'string' && typeof queue.settings === 'object'
}
