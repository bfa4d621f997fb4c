import { ConfigurationError } from '@ripen/store'
import { identifier } from '@ripen/store/internal'
import type { JobDefinition } from '../job/job-definition.ts'
import { mergeJobOptions } from '../job/job-options.ts'
import { prefixOf } from '../job/payload.ts'
import type { QueueDefinition } from '../queue-definition.ts'
import type { JobScorer } from '../queue-settings.ts'
import { OptionSets } from './option-sets.ts'

/** What all jobs of one name have in common. */
export interface JobKind {
  readonly name: string
  /** How errors call its data. */
  readonly subject: string
  readonly definition: JobDefinition<any, any, any> | undefined
  readonly scorer: JobScorer | undefined
  /** Nothing has to be asked of the data of its jobs. */
  readonly plain: boolean
  /** Its jobs' options, over its defaults and those of the queue. */
  readonly options: OptionSets
}

/**
 * Names come from the program, not from its users; should they do after all, the memory of them stays
 * bounded.
 */
const mostKinds = 10_000

/** The kinds of jobs of a queue, each learnt when its name first comes. */
export class JobKinds {
  readonly #definition: QueueDefinition<any>
  readonly #known = new Map<string, JobKind>()

  constructor(definition: QueueDefinition<any>) {
    this.#definition = definition
  }

  /**
   * @param index where the job stands in a bulk, for errors. @throws ConfigurationError for a name that the
   *   queue does not have.
   */
  of(name: string, index: number | undefined): JobKind {
    return this.#known.get(name) ?? this.#learn(name, prefixOf(index))
  }

  #learn(name: string, path: string): JobKind {
    identifier(`${path}name`, name)
    const { jobs, settings } = this.#definition
    if (jobs !== undefined && !Object.hasOwn(jobs, name))
      throw new ConfigurationError(
        `${path}name`,
        `must be a job of the queue ${this.#definition.name} (${Object.keys(jobs).join(', ')})`,
        name,
      )
    const definition = jobs?.[name]
    const under = definition?.unique === undefined ? settings.defaults : { ...settings.defaults, unique: undefined }
    const merged = definition === undefined ? under : mergeJobOptions(definition.defaults, under)
    const { scorer } = settings
    const kind: JobKind = {
      name,
      subject: `data of job ${name}`,
      definition,
      scorer,
      plain: scorer === undefined && definition?.data === undefined && definition?.id === undefined && definition?.unique === undefined,
      options: new OptionSets(name, merged),
    }
    if (this.#known.size < mostKinds) this.#known.set(name, kind)
    return kind
  }
}
