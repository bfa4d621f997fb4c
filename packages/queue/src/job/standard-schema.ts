import type { PayloadIssue } from '@ripen/store'
import { firstOf, read, textOf } from '@ripen/store/internal'

/**
 * The part of Standard Schema (https://standardschema.dev, version 1) that Ripen uses: Zod, Valibot, ArkType
 * and others implement it.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export type SchemaInput<S> = S extends { readonly '~standard': { readonly types?: { readonly input: infer Input } | undefined } }
  ? Input
  : unknown
export type SchemaOutput<S> = S extends { readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined } }
  ? Output
  : unknown

/** Steps of a path, and issues, that are kept of a refusal. */
const mostSteps = 32
const mostIssues = 100

/**
 * Validates a value: the schema's output, or what is wrong with it. What breaks the rules of Standard Schema
 * is an issue too.
 */
export async function validate(
  schema: StandardSchema,
  value: unknown,
): Promise<{ readonly value: unknown } | { readonly issues: readonly PayloadIssue[] }> {
  const result: unknown = await schema['~standard'].validate(value)
  if (typeof result !== 'object' || result === null) return { issues: [{ message: 'its schema answered no result' }] }
  const { issues } = result as { issues?: unknown }
  if (issues === undefined) return { value: (result as { value: unknown }).value }
  const found = firstOf(issues, mostIssues) ?? []
  return { issues: found.length === 0 ? [{ message: 'its schema refused it without a reason' }] : found.map(readIssue) }
}

function readIssue(issue: unknown): PayloadIssue {
  const message = textOf(read(issue, 'message') ?? issue, 1_000)
  const path = firstOf(read(issue, 'path'), mostSteps)
  return path === undefined ? { message } : { message, path: path.map((step) => readStep(read(step, 'key') ?? step)) }
}

function readStep(step: unknown): PropertyKey {
  return typeof step === 'string' || typeof step === 'number' || typeof step === 'symbol' ? step : textOf(step, 200)
}
