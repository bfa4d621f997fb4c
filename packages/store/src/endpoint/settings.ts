import { milliseconds, type Duration } from '../options/duration.ts'
import { ConfigurationError } from '../errors/errors.ts'
import { boolean, integer, text, type Rule } from '../options/options.ts'
import { compileCalibration, type Calibration } from './calibration.ts'
import { numeric } from './numeric.ts'

/**
 * The settings of an endpoint, which can be configured, and set as attributes at run time. Times are in
 * seconds.
 */
export interface Settings {
  readonly calibration: Calibration | undefined
  readonly get_on_set: boolean
  readonly log_on_set: boolean
  readonly schedule_interval: number
  readonly max_interval: number
  readonly max_fractional_change: number
  readonly alert_routing_key: string
  readonly precision: number | undefined
}

/** A span of time: seconds as a number or its text, or a Duration as text. */
const seconds: Rule<number> = (option, value) => {
  const number = numeric(value)
  if (number === undefined && typeof value === 'string') return milliseconds(option, value as Duration) / 1_000
  return milliseconds(option, number === undefined ? Number.NaN : number * 1_000) / 1_000
}

const fraction: Rule<number> = (option, value) => {
  const number = numeric(value)
  if (number === undefined || number < 0) throw new ConfigurationError(option, 'must be a number from 0', value)
  return number
}

const calibration: Rule<Calibration> = (option, value) => {
  compileCalibration(option, option, value as Calibration)
  return value as Calibration
}

export const settingRules: { readonly [Name in keyof Settings]-?: Rule<NonNullable<Settings[Name]>> } = {
  calibration,
  get_on_set: boolean,
  log_on_set: boolean,
  schedule_interval: seconds,
  max_interval: seconds,
  max_fractional_change: fraction,
  alert_routing_key: text,
  precision: integer(0, 15),
}

export const settingNames = Object.keys(settingRules) as readonly (keyof Settings)[]

/**
 * The settings of an endpoint: what was set at run time (JSON, in the order of {@link settingNames}) before
 * what was configured.
 *
 * @param unreadable hears of what another client has written there, and what does not count.
 */
export function mergeSettings(configured: Settings, given: readonly (string | null)[], unreadable: (setting: string) => void): Settings {
  const merged: Record<string, unknown> = { ...configured }
  for (const [index, name] of settingNames.entries()) {
    const json = given[index]
    if (typeof json !== 'string') continue
    try {
      merged[name] = settingRules[name](name, JSON.parse(json))
    } catch {
      unreadable(name)
    }
  }
  return merged as unknown as Settings
}
