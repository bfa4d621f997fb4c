import { ConfigurationError, InvalidJobError } from '@ripen/store'
import { toError } from '@ripen/store/internal'
import { priorityBand } from '../constants.ts'
import { extrasOf, mergeExtras } from '../features/extras.ts'
import { parseOwnOptions, storedOwnOptions, type OwnOptions } from '../job/own-options.ts'
import { prefixOf, serialize } from '../job/payload.ts'
import { encodeRow, joinMembers } from '../job/row.ts'
import { validate, type StandardSchema } from '../job/standard-schema.ts'
import type { StoredOptions } from '../job/stored-options.ts'
import type { QueueDefinition } from '../queue-definition.ts'
import type { JobScorer } from '../queue-settings.ts'
import { JobKinds, type JobKind } from './job-kinds.ts'
import type { GivenOptions } from './option-sets.ts'
import { saysAll, sharingJob, type PreparedJob } from './prepared-job.ts'

/** What was given, with its data written down. */
interface Draft {
  readonly kind: JobKind
  readonly data: unknown
  readonly text: string
  readonly options: GivenOptions
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
      const options = given === undefined ? kind.options.usual : kind.options.of(given, index)
      // Written down at once: what the caller changes while a schema thinks is not stored.
      const text = serialize(kind.subject, data, this.#maxPayload, index)
      if (options.own === undefined && kind.plain) return sharingJob(name, data, text, options.set)
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

async function check(draft: Draft, schema: StandardSchema): Promise<Draft> {
  const result = await validate(schema, draft.data)
  if ('issues' in result) throw new InvalidJobError(prefixOf(draft.index) + draft.kind.subject, result.issues)
  return draft
}

function encode(draft: Draft): PreparedJob {
  const { kind, data, text, options } = draft
  const { name, scorer } = kind
  const { set } = options
  const own = withComputed(draft)
  const { id = '', priority = 0, runAt, delay, durability } = own ?? {}
  const kept = own && storedOwnOptions(own)
  const stored = kept === undefined ? set.stored : { ...set.stored, ...kept }
  const place = scorer === undefined ? undefined : placeOf(scorer, draft, stored, own?.priority)
  const due = runAt !== undefined ? String(runAt) : delay ? `+${delay}` : ''
  const row = encodeRow({ name, priority, place, members: joinMembers(set.members, kept), data: text })
  const extras = kept === undefined ? set.extras : mergeExtras(set.extras, extrasOf(kept))
  return {
    id,
    name,
    data,
    priority,
    options: stored,
    row,
    due,
    extras,
    plain: id === '' && due === '' && saysAll(row, extras),
    durability,
  }
}

/**
 * With the id and the unique key that the definition of the job makes of its data: only data that the schema
 * accepted is given to it.
 */
function withComputed({ kind: { definition }, data, options: { own }, index }: Draft): OwnOptions | undefined {
  if (definition === undefined || (definition.id === undefined && definition.unique === undefined)) return own
  const computed = {
    ...(definition.id === undefined || own?.id !== undefined ? {} : { id: definition.id(data) }),
    ...(definition.unique === undefined || own?.unique !== undefined ? {} : { unique: definition.unique(data) }),
  }
  return { ...parseOwnOptions(computed, prefixOf(index).slice(0, -1)), ...own }
}

/** @throws ConfigurationError when the Scorer gives anything else than a place. */
function placeOf(scorer: JobScorer, { kind, data, index }: Draft, stored: StoredOptions, priority: number | undefined): number {
  const place = scorer({ name: kind.name, data, options: priority === undefined ? stored : { ...stored, priority } })
  if (!Number.isInteger(place) || place < 0 || place >= priorityBand)
    throw new ConfigurationError(`${prefixOf(index)}order`, `must return a whole number from 0 to ${priorityBand - 1} for each job`, place)
  return place
}
