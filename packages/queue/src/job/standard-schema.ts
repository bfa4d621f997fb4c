import type { PayloadIssue } from '@ripen/store'

/** The part of Standard Schema (https://standardschema.dev, version 1) that Ripen uses: Zod, Valibot, ArkType and others implement it. */
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

/** Validates a value: the schema's output, or what is wrong with it. */
export async function validate(
  schema: StandardSchema,
  value: unknown,
): Promise<{ readonly value: unknown } | { readonly issues: readonly PayloadIssue[] }> {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return { value: result.value }
  return {
    issues: result.issues.map(({ message, path }) =>
      path === undefined ? { message } : { message, path: path.map((step) => (typeof step === 'object' ? step.key : step)) },
    ),
  }
}
