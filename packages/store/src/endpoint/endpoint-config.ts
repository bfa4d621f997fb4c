import type { Duration } from '../options/duration.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { any, optional, parseOptions, type Rule } from '../options/options.ts'
import type { Calibration } from './calibration.ts'
import { jsonText } from './json-text.ts'
import { settingRules, type Settings } from './settings.ts'

/** An endpoint of a {@link Provider}. What can come from a file comes first, functions last. */
export interface EndpointConfig {
  /** 1 to 128 characters of `A-Z a-z 0-9 _ : -`. */
  readonly name: string
  /** What it reads until it is set for the first time. Taken as it is, not rounded. Default null. */
  readonly initial_value?: unknown
  /** Gives readings a `value_cal`. Default none. */
  readonly calibration?: Calibration
  /** A set answers what a get gives afterwards. Default false. */
  readonly get_on_set?: boolean
  /** A set publishes an alert. Default false. */
  readonly log_on_set?: boolean
  /** How often it is read for its log: seconds, or a Duration as text. Default 0: never. -1: never, and not by the provider's schedule_status either. */
  readonly schedule_interval?: number | Extract<Duration, string>
  /** A scheduled reading is published when the last one was longer ago than this: seconds, or a Duration as text. Default 0: never for that reason. */
  readonly max_interval?: number | Extract<Duration, string>
  /** A scheduled reading is published when it differs from the last one published by more than this fraction of it. Default 0: any change. */
  readonly max_fractional_change?: number
  /** The routing key of its alerts is this, a dot and its name. Default `'sensor_value'`. */
  readonly alert_routing_key?: string
  /** How many decimals a number, or a text that is one, is rounded to when it is set: 0 to 15, halves away from zero. Default: not rounded. */
  readonly precision?: number
  /** Gives the raw value, instead of the one that was set. */
  read?(): unknown
  /** Takes a value that is set. What it returns is stored instead, unless that is undefined. With `read` alone the endpoint cannot be set. */
  write?(value: any): unknown
  /** Methods for `cmd`. */
  readonly commands?: Readonly<Record<string, (...args: any[]) => unknown>>
}

export interface ParsedEndpoint {
  readonly name: string
  readonly initialValue: unknown
  readonly settings: Settings
  readonly read: (() => unknown) | undefined
  readonly write: ((value: unknown) => unknown) | undefined
  readonly commands: ReadonlyMap<string, (...values: unknown[]) => unknown>
}

/** Methods that every endpoint has. */
const builtInCommands = ['ping', 'single_schedule', 'log_a_value'] as const

/** A part of an address: it has no dot. */
export const addressName: Rule<string> = (option, value) => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_:-]{1,128}$/.test(value))
    throw new ConfigurationError(option, 'must be 1 to 128 characters of A-Z a-z 0-9 _ : -', value)
  return value
}

const callable: Rule<(...values: unknown[]) => unknown> = (option, value) => {
  if (typeof value !== 'function') throw new ConfigurationError(option, 'must be a function', value)
  return value as (...values: unknown[]) => unknown
}

const json: Rule<unknown> = (option, value) => {
  jsonText(option, value)
  return value
}

const scheduleInterval: Rule<number> = (option, value) => (value === -1 ? -1 : settingRules.schedule_interval(option, value))

/**
 * Parses the configuration of an endpoint.
 *
 * @throws ConfigurationError
 */
export function parseEndpoint(config: EndpointConfig, path: string): ParsedEndpoint {
  const { name, initial_value, read, write, commands, ...settings } = parseOptions(
    'EndpointConfig',
    config ?? null,
    {
      name: addressName,
      initial_value: optional(json, null),
      calibration: optional(settingRules.calibration, undefined),
      get_on_set: optional(settingRules.get_on_set, false),
      log_on_set: optional(settingRules.log_on_set, false),
      schedule_interval: optional(scheduleInterval, 0),
      max_interval: optional(settingRules.max_interval, 0),
      max_fractional_change: optional(settingRules.max_fractional_change, 0),
      alert_routing_key: optional(settingRules.alert_routing_key, 'sensor_value'),
      precision: optional(settingRules.precision, undefined),
      read: optional(callable, undefined),
      write: optional(callable, undefined),
      commands: optional(any<Record<string, unknown>>(), {}),
    },
    path,
  )
  return {
    name,
    initialValue: initial_value,
    settings,
    // Called as methods, so that a configuration may be an instance of a class.
    read: read && (() => read.call(config)),
    write: write && ((value) => write.call(config, value)),
    commands: new Map(
      Object.entries(commands).map(([command, given]) => {
        const option = `${path}.commands.${command}`
        const run = callable(option, given)
        if (builtInCommands.includes(command as (typeof builtInCommands)[number]))
          throw new ConfigurationError(option, 'must not be a built-in command')
        return [command, (...values) => run.apply(config, values)]
      }),
    ),
  }
}
