import { ConfigurationError } from '@ripen/store'
import { identifier } from '@ripen/store/internal'
import type { JobDefinition } from '../job/job-definition.ts'
import { mergeJobOptions, type ParsedJobOptions } from '../job/job-options.ts'
import { prefixOf } from '../job/payload.ts'
import { encodeRow } from '../job/row.ts'
import { noOptions } from '../job/stored-options.ts'
import type { QueueDefinition } from '../queue-definition.ts'
import type { JobScorer } from '../queue-settings.ts'

/** What all jobs of one name have in common. */
export interface JobKind {
  readonly name: string
  /** How errors call its data. */
  readonly subject: string
  /** What its rows without options begin with. */
  readonly rowHead: string
  readonly definition: JobDefinition<any, any, any> | undefined
  readonly scorer: JobScorer | undefined
  /** Its jobs without options are plain, and nothing has to be asked of their data. */
  readonly plain: boolean
  /** The queue's defaults under those of the job; undefined when there are none, which is the fast way. */
  readonly defaults: ParsedJobOptions | undefined
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
      rowHead: encodeRow({ name, priority: 0, options: noOptions, data: '' }),
      definition,
      scorer,
      plain: scorer === undefined && definition?.data === undefined && definition?.id === undefined && definition?.unique === undefined,
      defaults: Object.values(merged).every((value) => value === undefined) ? undefined : merged,
    }
    if (this.#known.size < mostKinds) this.#known.set(name, kind)
    return kind
  }
}
