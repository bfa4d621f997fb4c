import { ConfigurationError } from '@ripen/store'
import type { Jsonified } from './job-map.ts'
import { parseJobOptions, type JobOptions, type ParsedJobOptions } from './job-options.ts'
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.ts'
import type { UniqueOptions } from '../features/unique/unique.ts'

/** Default options for all jobs of one name. `id` is a function of the data; `unique` may be one. */
export interface JobDefaults<Given = any> extends Omit<JobOptions, 'id' | 'delay' | 'runAt' | 'unique'> {
  readonly id?: (data: Given) => string
  readonly unique?: string | UniqueOptions | ((data: Given) => string | UniqueOptions)
}

/**
 * One kind of job, as made by `job()`. The type parameters are what `add` takes, what the handler gets, and
 * what it returns.
 */
export interface JobDefinition<in Given, out Output, out Answer> {
  readonly kind: 'job'
  readonly data: StandardSchema | undefined
  readonly result: StandardSchema | undefined
  readonly defaults: ParsedJobOptions
  readonly id: ((data: any) => string) | undefined
  readonly unique: ((data: any) => string | UniqueOptions) | undefined
  /** Only for types; never there at run time. */
  readonly types?: { readonly given: (data: Given) => void; readonly output: Output; readonly answer: Answer }
}

/**
 * Defines a kind of job whose data is checked by a schema: in `add`, which rejects with an InvalidJobError
 * and writes nothing, and again before the handler, which gets the schema's output. Data is stored as given.
 * A `result` schema checks what the handler returns. A refusal fails the job without a retry.
 *
 * @throws ConfigurationError for an option that breaks its rule.
 */
export function job<const Schema extends StandardSchema<any, any>, ResultSchema extends StandardSchema<any, any> | undefined = undefined>(
  options: { readonly data: Schema; readonly result?: ResultSchema } & JobDefaults<SchemaInput<Schema>>,
): JobDefinition<SchemaInput<Schema>, SchemaOutput<Schema>, ResultSchema extends undefined ? unknown : SchemaOutput<ResultSchema>>
/** Defines a kind of job whose data and result only the compiler knows. */
export function job<Given = undefined, Answer = unknown>(options?: JobDefaults<Given>): JobDefinition<Given, Jsonified<Given>, Answer>
export function job(options: { data?: StandardSchema; result?: StandardSchema } & JobDefaults = {}): JobDefinition<any, any, any> {
  if (typeof options !== 'object' || options === null) throw new ConfigurationError('options', 'must be an object', options)
  const { data, result, id, unique, ...others } = options
  for (const [option, schema] of Object.entries({ data, result })) {
    if (schema !== undefined && typeof schema['~standard']?.validate !== 'function')
      throw new ConfigurationError(option, 'must be a Standard Schema (Zod, Valibot, ArkType …)', schema)
  }
  if (id !== undefined && typeof id !== 'function') throw new ConfigurationError('id', 'must be a function of the data', id)
  for (const option of ['delay', 'runAt'])
    if (option in others) throw new ConfigurationError(option, 'cannot be a default: pass it to add()')
  const computed = typeof unique === 'function'
  const defaults = parseJobOptions(computed ? others : { ...others, unique })
  return { kind: 'job', data, result, defaults, id, unique: computed ? unique : undefined }
}
