import type { Duration } from '../options/duration.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { any, optional, parseOptions, type Rule } from '../options/options.ts'
import type { Calibration } from './calibration.ts'
import { jsonText } from './json-text.ts'
import { settingRules, type Settings } from './settings.ts'

/** An endpoint of a {@link Provider}. All members except functions can come from a file. */
export interface EndpointConfig {
  /** 1 to 128 characters of `A-Z a-z 0-9 _ : -`. */
  readonly name: string
  /** The value until it is first set. It is not rounded. Default null. */
  readonly initial_value?: unknown
  /** Gives readings a `value_cal`. Default none. */
  readonly calibration?: Calibration
  /** If true, a set returns a reading, as a get afterwards would. Default false. */
  readonly get_on_set?: boolean
  /** If true, a set publishes an alert. Default false. */
  readonly log_on_set?: boolean
  /**
   * How often the endpoint is read for its log: seconds, or a Duration as a string. 0 (default): never. -1:
   * never, even if the provider's schedule_status is set.
   */
  readonly schedule_interval?: number | Extract<Duration, string>
  /**
   * Publishes a scheduled reading if the last one was published longer ago than this: seconds, or a Duration
   * as a string. Default 0: never for this reason.
   */
  readonly max_interval?: number | Extract<Duration, string>
  /**
   * Publishes a scheduled reading if it differs from the last published one by more than this fraction of it.
   * Default 0: any change.
   */
  readonly max_fractional_change?: number
  /**
   * The first part of the routing key of its alerts: `<alert_routing_key>.<name>`. Default `'sensor_value'`.
   */
  readonly alert_routing_key?: string
  /**
   * How many decimals a number, or a text that is one, is rounded to when it is set: 0 to 15, halves away
   * from zero. Default: not rounded.
   */
  readonly precision?: number
  /** Returns the raw value. Default: the value that was set. */
  read?(): unknown
  /**
   * Called with a value that is set. Its result is stored instead, unless it is undefined. With `read` and
   * without `write` the endpoint cannot be set.
   */
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
