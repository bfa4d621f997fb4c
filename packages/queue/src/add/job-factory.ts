import { ConfigurationError, InvalidJobError } from '@ripen/store'
import { toError } from '@ripen/store/internal'
import { priorityBand } from '../constants.ts'
import { extrasOf } from '../features/extras.ts'
import { mergeJobOptions, parseJobOptions, type ParsedJobOptions } from '../job/job-options.ts'
import { prefixOf, serialize } from '../job/payload.ts'
import { encodeRow } from '../job/row.ts'
import { validate, type StandardSchema } from '../job/standard-schema.ts'
import { storedOptions, type StoredOptions } from '../job/stored-options.ts'
import type { QueueDefinition } from '../queue-definition.ts'
import type { JobScorer } from '../queue-settings.ts'
import { JobKinds, type JobKind } from './job-kinds.ts'
import { plainJob, preparedJob, type PreparedJob } from './prepared-job.ts'

/** What was given, with its data written down. */
interface Draft {
  readonly kind: JobKind
  readonly data: unknown
  readonly text: string
  readonly options: ParsedJobOptions | undefined
  readonly index: number | undefined
}

/**
 * Checks what `add` is given, before anything is written, and turns it into what is stored: its options, then
 * its data, then the row.
 */
export class JobFactory {
  readonly #kinds: JobKinds
  readonly #maxPayload: number

  constructor(definition: QueueDefinition<any>) {
    this.#kinds = new JobKinds(definition)
    this.#maxPayload = definition.settings.maxPayload
  }

  /**
   * A promise only where a schema has to be asked.
   *
   * @param index where the job stands in a bulk, for errors.
   * @throws ConfigurationError, InvalidJobError; what a function of the application throws, as an Error.
   */
  prepare(name: string, data: unknown, given: unknown, index?: number): PreparedJob | Promise<PreparedJob> {
    try {
      const kind = this.#kinds.of(name, index)
      const options = given === undefined ? kind.defaults : parseOver(kind.defaults, given, index)
      // Written down at once: what the caller changes while a schema thinks is not stored.
      const text = serialize(kind.subject, data, this.#maxPayload, index)
      if (options === undefined && kind.plain) return plainJob(name, data, kind.rowHead + text)
      const draft = { kind, data, text, options, index }
      const schema = kind.definition?.data
      return schema === undefined ? encode(draft) : check(draft, schema).then(encode).catch(rejectWithError)
    } catch (error) {
      throw toError(error)
    }
  }
}

function rejectWithError(thrown: unknown): never {
  throw toError(thrown)
}

function parseOver(defaults: ParsedJobOptions | undefined, given: unknown, index: number | undefined): ParsedJobOptions {
  const parsed = parseJobOptions(given, index === undefined ? '' : `${prefixOf(index)}options`)
  return defaults === undefined ? parsed : mergeJobOptions(parsed, defaults)
}

async function check(draft: Draft, schema: StandardSchema): Promise<Draft> {
  const result = await validate(schema, draft.data)
  if ('issues' in result) throw new InvalidJobError(prefixOf(draft.index) + draft.kind.subject, result.issues)
  return draft
}

function encode(draft: Draft): PreparedJob {
  const { kind, data, text } = draft
  const { name, scorer } = kind
  const options = withComputed(draft)
  const stored = storedOptions(options)
  const { id = '', priority = 0, runAt, delay, durability } = options ?? {}
  const place = scorer === undefined ? undefined : placeOf(scorer, draft, stored, options?.priority)
  return preparedJob({
    id,
    name,
    data,
    priority,
    options: stored,
    row: encodeRow({ name, priority, place, options: stored, data: text }),
    due: runAt !== undefined ? String(runAt) : delay ? `+${delay}` : '',
    extras: extrasOf(stored),
    durability,
  })
}

/**
 * With the id and the unique key that the definition of the job makes of its data: only data that the schema
 * accepted is given to it.
 */
function withComputed({ kind: { definition }, data, options, index }: Draft): ParsedJobOptions | undefined {
  if (definition === undefined || (definition.id === undefined && definition.unique === undefined)) return options
  const computed = {
    ...(definition.id === undefined || options?.id !== undefined ? {} : { id: definition.id(data) }),
    ...(definition.unique === undefined || options?.unique !== undefined ? {} : { unique: definition.unique(data) }),
  }
  const parsed = parseJobOptions(computed, prefixOf(index).slice(0, -1))
  return options === undefined ? parsed : mergeJobOptions(parsed, options)
}

/** @throws ConfigurationError when the Scorer gives anything else than a place. */
function placeOf(scorer: JobScorer, { kind, data, index }: Draft, stored: StoredOptions, priority: number | undefined): number {
  const place = scorer({ name: kind.name, data, options: priority === undefined ? stored : { ...stored, priority } })
  if (!Number.isInteger(place) || place < 0 || place >= priorityBand)
    throw new ConfigurationError(`${prefixOf(index)}order`, `must return a whole number from 0 to ${priorityBand - 1} for each job`, place)
  return place
}
