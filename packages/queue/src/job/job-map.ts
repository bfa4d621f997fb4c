import type { JobDefinition } from './job-definition.ts'

/** What JSON makes of a value: a Date becomes text, an instance of a class its data. */
export type Jsonified<T> = T extends { toJSON(): infer Json }
  ? Json
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends bigint | symbol | ((...parameters: never) => unknown)
      ? never
      : { [Key in keyof T]: Jsonified<T[Key]> }

type IsAny<T> = 0 extends 1 & T ? true : false

/** What `add` takes for the job `Name` of a job map. */
export type Input<J, Name extends keyof J> =
  IsAny<J[Name]> extends true
    ? any
    : J[Name] extends JobDefinition<infer Given, unknown, unknown>
      ? Given
      : J[Name] extends () => unknown
        ? undefined
        : J[Name] extends (data: infer Given) => unknown
          ? Given
          : J[Name]

/** What the handler of the job `Name` gets as `job.data`. */
export type Data<J, Name extends keyof J> =
  IsAny<J[Name]> extends true ? any : J[Name] extends JobDefinition<never, infer Output, unknown> ? Output : Jsonified<Input<J, Name>>

/** What the handler of the job `Name` returns. */
export type Result<J, Name extends keyof J> =
  IsAny<J[Name]> extends true
    ? any
    : J[Name] extends JobDefinition<never, unknown, infer Answer>
      ? Answer
      : J[Name] extends (...parameters: never) => infer Answer
        ? Awaited<Answer>
        : unknown
