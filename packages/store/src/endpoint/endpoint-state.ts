import { EndpointError } from '../errors/errors.ts'
import { describeError } from '../foreign/describe-error.ts'
import { endpointConfigureScript, endpointLogScript, endpointReadScript, endpointSetScript } from '../scripts.generated.ts'
import { alertText } from './alert.ts'
import { compileCalibration, type Reading } from './calibration.ts'
import type { ParsedEndpoint } from './endpoint-config.ts'
import { jsonText } from './json-text.ts'
import { numeric } from './numeric.ts'
import type { ProviderState } from './provider-state.ts'
import { refuse } from './request.ts'
import { roundHalfAway } from './round-half-away.ts'
import { mergeSettings, settingNames, type Settings } from './settings.ts'

/** What {@link EndpointState.load} found. */
export interface LoadedEndpoint {
  /** The value that was set, or the initial value. */
  readonly value: unknown
  readonly scheduled: boolean
  readonly locked: boolean
  readonly settings: Settings
}

/**
 * The key that passes every lock: for what the provider does by itself, and for what a lock has let pass
 * already.
 */
const anyKey = '*'

/**
 * One endpoint: what it reads, takes and logs. Its value, lock, settings and schedule are on the server, so
 * all nodes of the provider share them.
 */
export class EndpointState {
  readonly parsed: ParsedEndpoint
  readonly #state: ProviderState
  /** Attributes that were reported as unreadable. */
  readonly #told = new Set<string>()

  constructor(state: ProviderState, parsed: ParsedEndpoint) {
    this.#state = state
    this.parsed = parsed
  }

  get name(): string {
    return this.parsed.name
  }

  /** The interval of the schedule as configured, in ms. */
  get configuredInterval(): number {
    return Math.round(this.parsed.settings.schedule_interval * 1_000)
  }

  async load(): Promise<LoadedEndpoint> {
    return (await this.#load('')).loaded
  }

  /**
   * As {@link load}, for what a lock can refuse.
   *
   * @throws EndpointError 307, 308
   */
  async admit(key: string): Promise<LoadedEndpoint> {
    const { retcode, loaded } = await this.#load(key)
    refuse(retcode, this.name)
    return loaded
  }

  async #load(key: string): Promise<{ retcode: number; loaded: LoadedEndpoint }> {
    const [retcode, value, scheduled, locked, [, ...given]] = await this.#state.script(
      endpointReadScript,
      { endpoint: this.name, key },
      settingNames,
    )
    return {
      retcode,
      loaded: {
        value: value === null ? this.parsed.initialValue : this.#read(value),
        scheduled: scheduled === 1,
        locked: locked === 1,
        settings: mergeSettings(this.parsed.settings, given, (setting) => this.#unreadable(setting)),
      },
    }
  }

  /** A value that another client wrote counts as none. */
  #read(json: string): unknown {
    try {
      return JSON.parse(json)
    } catch {
      this.#unreadable('value')
      return this.parsed.initialValue
    }
  }

  #unreadable(what: string): void {
    if (this.#told.has(what)) return
    this.#told.add(what)
    const about = { provider: this.#state.provider, endpoint: this.name, attribute: what }
    this.#state.store.logger.warn(about, 'a stored attribute cannot be read: the configured value is used until it is set again')
  }

  /** What it reads now. */
  async read(loaded: LoadedEndpoint): Promise<Reading> {
    return this.#calibrate(loaded.settings, await this.raw(loaded))
  }

  async raw(loaded: LoadedEndpoint): Promise<unknown> {
    return this.parsed.read === undefined ? loaded.value : ((await this.parsed.read()) ?? null)
  }

  #calibrate({ calibration }: Settings, raw: unknown): Reading {
    return compileCalibration('calibration', this.name, calibration)(raw)
  }

  /**
   * Stores a value, hands it to `write` before that, and publishes what `log_on_set` wants. A reading that
   * fails does not undo the set.
   */
  async set(value: unknown, key: string): Promise<unknown> {
    const { read, write } = this.parsed
    if (read !== undefined && write === undefined) throw new EndpointError(306, `${this.name} cannot be set`)
    const loaded = await this.admit(key)
    const { settings } = loaded
    let stored = rounded(value, settings.precision)
    if (write !== undefined) {
      const written = await write(stored)
      if (written !== undefined) stored = written
    }
    let result = stored
    let alert = ''
    let failed: { readonly error: unknown } | undefined
    try {
      if (settings.get_on_set) result = await this.read({ ...loaded, value: stored })
      const payload = settings.get_on_set ? result : { value_raw: result }
      if (settings.log_on_set) alert = alertText(settings.alert_routing_key, this.name, payload)
    } catch (error) {
      failed = { error }
    }
    const retcode = await this.#set(write === undefined ? key : anyKey, read === undefined ? this.#text(stored) : '', alert)
    refuse(retcode, this.name)
    if (failed !== undefined) throw failed.error
    return result
  }

  /** What is stored: the caller's value, which may be what `write` made of it. */
  #text(value: unknown): string {
    try {
      return jsonText('value', value)
    } catch (error) {
      if (this.parsed.write === undefined) throw error
      throw new EndpointError(303, `${this.name}: the result of write cannot be stored: ${describeError(error).message}`)
    }
  }

  /** Publishes a value of the caller's as an alert of this endpoint. */
  async publish(payload: unknown, { settings }: LoadedEndpoint): Promise<void> {
    await this.#set(anyKey, '', alertText(settings.alert_routing_key, this.name, payload))
  }

  #set(key: string, value: string, alert: string): Promise<number> {
    const id = this.#state.nextId()
    return this.#state.script(endpointSetScript, { id, endpoint: this.name, key, value, channel: this.#state.alerts, alert })
  }

  /**
   * One action of the schedule: reads, and publishes if the rules for that say so. Answers whether it did;
   * null when there was nothing to read.
   */
  async log(id: string): Promise<boolean | null> {
    const loaded = await this.load()
    const reading = await this.read(loaded)
    if (reading.value_raw === null) return null
    const { max_interval, max_fractional_change, alert_routing_key } = loaded.settings
    const published = await this.#state.script(endpointLogScript, {
      id,
      endpoint: this.name,
      number: String(numeric(reading.value_raw) ?? ''),
      longest: Math.round(max_interval * 1_000),
      fraction: String(max_fractional_change),
      channel: this.#state.alerts,
      alert: alertText(alert_routing_key, this.name, reading),
    })
    return published === 1
  }

  /**
   * Sets an attribute; see `lua/endpoint-configure.lua`.
   *
   * @param value JSON; `''` goes back to the configuration.
   */
  async configure(attribute: string, value: string, key: string): Promise<void> {
    const id = this.#state.nextId()
    const retcode = await this.#state.script(endpointConfigureScript, {
      id,
      endpoint: this.name,
      key,
      attribute,
      value,
      interval: this.configuredInterval,
      channel: this.#state.wake,
    })
    if (retcode === 999) throw new EndpointError(999, `${this.name}: schedule loop interval must be > 0`)
    refuse(retcode, this.name)
  }
}

function rounded(value: unknown, precision: number | undefined): unknown {
  const number = precision === undefined ? undefined : numeric(value)
  return number === undefined || precision === undefined ? value : roundHalfAway(number, precision)
}
