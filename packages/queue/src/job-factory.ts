import { ConfigurationError, InvalidJobError } from '@ripen/store'
import { identifier } from '@ripen/store/internal'
import type { JobDefinition } from './job/job-definition.ts'
import { mergeJobOptions, parseJobOptions, type ParsedJobOptions } from './job/job-options.ts'
import { serialize } from './job/payload.ts'
import { encodeRow, storedOptions, type StoredOptions } from './job/row.ts'
import { validate } from './job/standard-schema.ts'
import type { QueueDefinition } from './queue-definition.ts'

/** A job that has been checked and can be sent. */
export interface PreparedJob {
  readonly id: string
  readonly name: string
  readonly data: unknown
  readonly priority: number
  readonly options: StoredOptions
  readonly row: string
  readonly due: string
}

interface Kind {
  readonly definition: JobDefinition<any, any, any> | undefined
  /** The queue's defaults under those of the job; undefined when there are none, which is the fast way. */
  readonly defaults: ParsedJobOptions | undefined
}

/** Checks what `add` is given, before anything is written, and turns it into what is stored. */
export class JobFactory {
  readonly #definition: QueueDefinition<any>
  readonly #kinds = new Map<string, Kind>()

  constructor(definition: QueueDefinition<any>) {
    this.#definition = definition
  }

  /**
   * A promise only where a schema has to be asked.
   *
   * @param path where the job stands in a bulk, for errors: `jobs[3].`, else `''`.
   * @throws ConfigurationError, InvalidJobError.
   */
  prepare(name: string, data: unknown, options: unknown, path = ''): PreparedJob | Promise<PreparedJob> {
    const { definition, defaults } = this.#kinds.get(name) ?? this.#learn(name, path)
    let merged = defaults
    if (options !== undefined) {
      const parsed = parseJobOptions(options, path === '' ? '' : `${path}options`)
      merged = defaults === undefined ? parsed : mergeJobOptions(parsed, defaults)
    }
    // Written down at once: what the caller changes while a schema thinks is not stored.
    const text = serialize(`${path}data of job ${name}`, data, this.#definition.settings.maxPayload)
    if (definition?.data === undefined) return this.#encode(name, data, text, merged, definition, path)
    const checked = merged
    return validate(definition.data, data).then((result) => {
      if ('issues' in result) throw new InvalidJobError(`${path}data of job ${name}`, result.issues)
      return this.#encode(name, data, text, checked, definition, path)
    })
  }

  #encode(
    name: string,
    data: unknown,
    text: string,
    options: ParsedJobOptions | undefined,
    definition: JobDefinition<any, any, any> | undefined,
    path: string,
  ): PreparedJob {
    const id = options?.id ?? (definition?.id === undefined ? '' : parseJobOptions({ id: definition.id(data) }, path.slice(0, -1)).id) ?? ''
    return {
      id,
      name,
      data,
      priority: options?.priority ?? 0,
      options: storedOptions(options),
      row: encodeRow(name, options, text),
      due: options === undefined ? '' : options.runAt !== undefined ? String(options.runAt) : options.delay ? `+${options.delay}` : '',
    }
  }

  #learn(name: string, path: string): Kind {
    identifier(`${path}name`, name)
    const { jobs, settings } = this.#definition
    if (jobs !== undefined && !Object.hasOwn(jobs, name))
      throw new ConfigurationError(
        `${path}name`,
        `must be a job of the queue ${this.#definition.name} (${Object.keys(jobs).join(', ')})`,
        name,
      )
    const definition = jobs?.[name]
    const merged = definition === undefined ? settings.defaults : mergeJobOptions(definition.defaults, settings.defaults)
    const kind: Kind = { definition, defaults: Object.values(merged).every((value) => value === undefined) ? undefined : merged }
    // Names come from the program, not from its users; should they do after all, the memory of them stays bounded.
    if (this.#kinds.size < 10_000) this.#kinds.set(name, kind)
    return kind
  }
}
