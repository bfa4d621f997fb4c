import { ConfigurationError, InvalidJobError } from '@ripen/store'
import { identifier, type Replication } from '@ripen/store/internal'
import type { JobDefinition } from '../job/job-definition.ts'
import { mergeJobOptions, parseJobOptions, type ParsedJobOptions } from '../job/job-options.ts'
import { prefixOf, serialize } from '../job/payload.ts'
import { encodeRow } from '../job/row.ts'
import { storedOptions, type StoredOptions } from '../job/stored-options.ts'
import { validate, type StandardSchema } from '../job/standard-schema.ts'
import { extrasOf, noExtras, type Extras } from '../features/extras.ts'
import type { QueueDefinition } from '../queue-definition.ts'
import type { JobScorer } from '../queue-settings.ts'

/** So many places has a priority. */
const places = 2 ** 42

/** A job that has been checked and can be sent. */
export interface PreparedJob {
  readonly id: string
  readonly name: string
  readonly data: unknown
  readonly priority: number
  readonly options: StoredOptions
  readonly row: string
  readonly due: string
  /** What features add to it. */
  readonly extras: Extras
  readonly plain: boolean
  readonly durability: Replication | undefined
}

interface Kind {
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
   * @param index where the job stands in a bulk, for errors.
   * @throws ConfigurationError, InvalidJobError.
   */
  prepare(name: string, data: unknown, options: unknown, index?: number): PreparedJob | Promise<PreparedJob> {
    const kind = this.#kinds.get(name) ?? this.#learn(name, prefixOf(index))
    const { subject, definition, defaults } = kind
    let merged = defaults
    if (options !== undefined) {
      const parsed = parseJobOptions(options, index === undefined ? '' : `${prefixOf(index)}options`)
      merged = defaults === undefined ? parsed : mergeJobOptions(parsed, defaults)
    }
    // Written down at once: what the caller changes while a schema thinks is not stored.
    const text = serialize(subject, data, this.#definition.settings.maxPayload, index)
    if (merged === undefined && kind.plain) return plainJob(name, data, kind.rowHead + text)
    const draft = { name, data, text, options: merged, index }
    if (definition === undefined) return encode(draft, kind)
    return definition.data === undefined ? complete(draft, kind, definition) : check(draft, kind, definition, definition.data)
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
    const under = definition?.unique === undefined ? settings.defaults : { ...settings.defaults, unique: undefined }
    const merged = definition === undefined ? under : mergeJobOptions(definition.defaults, under)
    const defaults = Object.values(merged).every((value) => value === undefined) ? undefined : merged
    const { scorer } = settings
    const plain = scorer === undefined && definition?.data === undefined && definition?.id === undefined && definition?.unique === undefined
    const rowHead = encodeRow(name, undefined, '')
    const kind: Kind = { subject: `data of job ${name}`, rowHead, scorer, plain, definition, defaults }
    // Names come from the program, not from its users; should they do after all, the memory of them stays bounded.
    if (this.#kinds.size < 10_000) this.#kinds.set(name, kind)
    return kind
  }
}

/** What was given, with its data written down. */
interface Draft {
  readonly name: string
  readonly data: unknown
  readonly text: string
  readonly options: ParsedJobOptions | undefined
  readonly index: number | undefined
}

/** Of which nothing is asked but that it runs: most are, so this allocates little. */
function plainJob(name: string, data: unknown, row: string): PreparedJob {
  const options = storedOptions(undefined)
  return { id: '', name, data, priority: 0, options, row, due: '', extras: noExtras, plain: true, durability: undefined }
}

function encode(draft: Draft, { scorer }: Kind): PreparedJob {
  const { name, data, text, options } = draft
  const { id = '', priority = 0, runAt, delay, durability } = options ?? {}
  return preparedJob({
    id,
    name,
    data,
    priority,
    options: storedOptions(options),
    row: encodeRow(name, options, text, scorer && placeOf(draft, scorer)),
    due: runAt !== undefined ? String(runAt) : delay ? `+${delay}` : '',
    extras: options === undefined ? noExtras : extrasOf(options),
    durability,
  })
}

/** Sees whether it is plain after all. */
export function preparedJob(job: Omit<PreparedJob, 'plain'>): PreparedJob {
  const { id, row, due, extras } = job
  return { ...job, plain: row.startsWith(':0:') && id === '' && due === '' && extras === noExtras }
}

/** @throws ConfigurationError when the Scorer gives anything else than a place. */
function placeOf({ name, data, options, index }: Draft, scorer: JobScorer): number {
  const { priority } = options ?? {}
  const place = scorer({ name, data, options: { ...storedOptions(options), ...(priority === undefined ? {} : { priority }) } })
  if (!Number.isInteger(place) || place < 0 || place >= places)
    throw new ConfigurationError(`${prefixOf(index)}order`, `must give an integer from 0 to ${places - 1} for each job`, place)
  return place
}

async function check(draft: Draft, kind: Kind, definition: JobDefinition<any, any, any>, schema: StandardSchema): Promise<PreparedJob> {
  const result = await validate(schema, draft.data)
  if ('issues' in result) throw new InvalidJobError(`${prefixOf(draft.index)}data of job ${draft.name}`, result.issues)
  return complete(draft, kind, definition)
}

/** Only data that its schema accepted is given to `id` and `unique`. */
function complete(draft: Draft, kind: Kind, definition: JobDefinition<any, any, any>): PreparedJob {
  if (definition.id === undefined && definition.unique === undefined) return encode(draft, kind)
  const { data, options } = draft
  const computed = {
    ...(definition.id === undefined || options?.id !== undefined ? {} : { id: definition.id(data) }),
    ...(definition.unique === undefined || options?.unique !== undefined ? {} : { unique: definition.unique(data) }),
  }
  const parsed = parseJobOptions(computed, prefixOf(draft.index).slice(0, -1))
  return encode({ ...draft, options: options === undefined ? parsed : mergeJobOptions(parsed, options) }, kind)
}
