import { EndpointError } from '../errors/errors.ts'
import { endpointLockScript, endpointUnlockScript } from '../scripts.generated.ts'
import { getAttribute, setAttribute } from './endpoint-attributes.ts'
import { jsonText } from './json-text.ts'
import type { EndpointState } from './endpoint-state.ts'
import { generateLockoutKey, malformedKey, parseLockoutKey } from './lockout-key.ts'
import { numeric } from './numeric.ts'
import type { ProviderState } from './provider-state.ts'
import { refuse, type EndpointRequest } from './request.ts'

/** The longest delay of a single action: a year, in s. */
const longestDelay = 366 * 86_400

/** Carries out a request to an endpoint. @throws EndpointError */
export async function handleEndpoint(state: ProviderState, endpoint: EndpointState, request: EndpointRequest): Promise<unknown> {
  const { op, specifier, values, force } = request
  const key = parseLockoutKey(request.key)
  if (op === 'get') return specifier === '' ? endpoint.read(await endpoint.load()) : getAttribute(endpoint, specifier)
  if (op === 'set') {
    if (values.length === 0) throw new EndpointError(999, `${endpoint.name}: a set needs a value`)
    return specifier === '' ? endpoint.set(values[0], key) : setAttribute(endpoint, specifier, values[0], key)
  }
  if (op === 'cmd') return command(endpoint, specifier, values, key)
  if (op === 'ping') return null
  if (op === 'lock') return lock(state, endpoint.name, endpoint.name, key)
  if (op === 'unlock') return unlock(state, endpoint.name, endpoint.name, key, force)
  throw new EndpointError(306, `${endpoint.name} does not support ${op}`)
}

async function command(endpoint: EndpointState, method: string, values: readonly unknown[], key: string): Promise<unknown> {
  if (method === '') throw new EndpointError(309, 'a cmd needs the name of a method')
  if (method === 'ping') return null
  const run = endpoint.parsed.commands.get(method)
  if (run === undefined && method !== 'single_schedule' && method !== 'log_a_value')
    throw new EndpointError(306, `${endpoint.name} has no method '${method}'`)
  if (method === 'set_condition') return run?.(...values)
  const loaded = await endpoint.admit(key)
  if (run !== undefined) return run(...values)
  if (method === 'log_a_value') {
    await endpoint.publish(values[0] ?? null, loaded)
    return null
  }
  const delay = numeric(values[0])
  if (delay === undefined || delay < 0 || delay > longestDelay)
    throw new EndpointError(999, `single_schedule takes a delay in seconds, from 0 to ${longestDelay}`)
  await endpoint.configure('single_schedule', jsonText('delay', Math.round(delay * 1_000)), key)
  return null
}

/**
 * Locks an endpoint or a provider.
 *
 * @param field its name among the locks.
 * @param along endpoints that are locked with it, unless they are locked already.
 * @returns the key, without dashes.
 * @throws EndpointError 308; 307 when it is locked with another key, or no key is given.
 */
export async function lock(
  state: ProviderState,
  name: string,
  field: string,
  given: string,
  along: readonly string[] = [],
): Promise<string> {
  refuse(given === malformedKey ? 308 : 0, name)
  // Made here, once: a copy of the call brings the same key, and that is no other.
  const key = given === '' ? generateLockoutKey() : given
  refuse(await state.script(endpointLockScript, { name: field, key }, along), name)
  return key
}

/**
 * Unlocks an endpoint or a provider.
 *
 * @returns the return code: 1 when it was not locked.
 * @throws EndpointError 307, 308
 */
export async function unlock(
  state: ProviderState,
  name: string,
  field: string,
  key: string,
  force: boolean,
  along: readonly string[] = [],
): Promise<number> {
  const { reply, again } = await state.send(endpointUnlockScript, { name: field, key, force: force ? '1' : '' }, along)
  // A copy that finds no lock: the first, whose answer was lost, has taken it away.
  const retcode = reply === 1 && again ? 0 : reply
  if (retcode === 307) throw new EndpointError(307, `${name}: cannot unlock without valid lockout_key or force==True`)
  if (retcode !== 1) refuse(retcode, name)
  return retcode
}
