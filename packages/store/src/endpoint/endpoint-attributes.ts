import { ConfigurationError, EndpointError } from '../errors/errors.ts'
import { jsonText } from './json-text.ts'
import type { EndpointState } from './endpoint-state.ts'
import { settingNames, settingRules, type Settings } from './settings.ts'

/** Attributes that can be read, besides the settings. */
const readable = ['name', 'value', 'initial_value', 'is_locked', 'schedule_status', 'logging_status']
/** Attributes that can be set, besides the settings. */
const writable = ['value', 'schedule_status', 'logging_status']

/** @throws EndpointError 304 for what is no attribute; the lockout key is none. */
export async function getAttribute(endpoint: EndpointState, attribute: string): Promise<unknown> {
  if (!readable.includes(attribute) && !isSetting(attribute)) throw missing(endpoint.name, attribute)
  const loaded = await endpoint.load()
  if (attribute === 'name') return endpoint.name
  if (attribute === 'value') return endpoint.raw(loaded)
  if (attribute === 'initial_value') return endpoint.parsed.initialValue
  if (attribute === 'is_locked') return loaded.locked
  if (attribute === 'schedule_status' || attribute === 'logging_status') return loaded.scheduled
  return loaded.settings[attribute as keyof Settings] ?? null
}

/**
 * Sets an attribute: at once for all nodes, and until it is set to null, which goes back to the
 * configuration.
 *
 * @returns what it is then.
 * @throws EndpointError 304 for what is no attribute or cannot be set, 999 for a value that it does not take,
 *   307 and 308.
 */
export async function setAttribute(endpoint: EndpointState, attribute: string, value: unknown, key: string): Promise<unknown> {
  if (!writable.includes(attribute) && !isSetting(attribute)) {
    if (!readable.includes(attribute)) throw missing(endpoint.name, attribute)
    throw new EndpointError(304, `${endpoint.name}.${attribute} cannot be set`)
  }
  if (attribute === 'value') return endpoint.set(value, key)
  if (attribute === 'schedule_status' || attribute === 'logging_status') {
    await endpoint.configure('schedule_status', String(scheduleState(value)), key)
  } else await endpoint.configure(attribute, value === null ? '' : settingText(attribute as keyof Settings, value), key)
  return getAttribute(endpoint, attribute)
}

/** Whether a schedule is to run. @throws EndpointError 999 */
export function scheduleState(value: unknown): boolean {
  if (value === 'start' || value === 'on' || value === 'restart') return true
  if (value === 'stop' || value === 'off') return false
  throw new EndpointError(999, `unrecognized schedule state setting: ${String(value)}`)
}

function settingText(name: keyof Settings, value: unknown): string {
  try {
    return jsonText(name, settingRules[name](name, value))
  } catch (error) {
    if (error instanceof ConfigurationError) throw new EndpointError(999, error.message, undefined, error)
    throw error
  }
}

function isSetting(attribute: string): boolean {
  return (settingNames as readonly string[]).includes(attribute)
}

function missing(endpoint: string, attribute: string): EndpointError {
  return new EndpointError(304, `${endpoint} has no '${attribute}' attribute`)
}
