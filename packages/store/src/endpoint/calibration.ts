import { ConfigurationError, EndpointError } from '../errors/errors.ts'
import { compileExpression } from './expression.ts'
import { numeric } from './numeric.ts'

/** A reading of an endpoint: its raw value, and the calibrated value if it has a calibration. */
export interface Reading {
  /** With its type. Null if the endpoint was never set. */
  readonly value_raw: unknown
  readonly value_cal?: unknown
}

/**
 * An expression in the raw value, written `{}`, or a table from the text of the raw value to the calibrated
 * value.
 */
export type Calibration = string | Readonly<Record<string, unknown>>

/** Makes a reading of a raw value. */
export type Calibrate = (raw: unknown) => Reading

/**
 * Prepares a calibration.
 *
 * - null stays null and is not calibrated; of a list the first element counts.
 * - A result that is too large for a number is left out; what cannot be calculated is an EndpointError 304
 *   that carries the raw value.
 *
 * @param endpoint names it in errors.
 * @throws ConfigurationError for an expression that cannot be parsed and for what is neither text nor a
 *   table.
 */
export function compileCalibration(option: string, endpoint: string, calibration: Calibration | undefined): Calibrate {
  if (calibration === undefined) return (raw) => ({ value_raw: raw })
  if (typeof calibration === 'string') return byExpression(option, endpoint, calibration)
  if (typeof calibration !== 'object' || calibration === null || Array.isArray(calibration))
    throw new ConfigurationError(option, 'must be an expression over {} or a table', calibration)
  return byTable(calibration)
}

function byExpression(option: string, endpoint: string, text: string): Calibrate {
  let evaluate: (raw: number) => number
  try {
    evaluate = compileExpression(text)
  } catch (error) {
    throw new ConfigurationError(option, `must be an expression over {}: ${(error as Error).message}`, text)
  }
  return calibrated((value, reading) => {
    const number = numeric(value)
    if (number === undefined) throw new EndpointError(304, `${endpoint}: raw value <${textOf(value)}> is not a number`, reading)
    let result: number
    try {
      result = evaluate(number)
    } catch (error) {
      throw new EndpointError(304, `${endpoint}: ${text} of <${textOf(value)}>: ${(error as Error).message}`, reading, error)
    }
    if (Number.isNaN(result)) throw new EndpointError(304, `${endpoint}: ${text} of <${textOf(value)}> is not defined`, reading)
    return Number.isFinite(result) ? { ...reading, value_cal: result } : reading
  })
}

function byTable(table: Readonly<Record<string, unknown>>): Calibrate {
  return calibrated((value, reading) => {
    const key = textOf(value)
    if (!Object.hasOwn(table, key)) throw new EndpointError(304, `raw value <'${key}'> not in cal dict`, reading)
    return { ...reading, value_cal: table[key] }
  })
}

function calibrated(calibrate: (value: unknown, reading: Reading) => Reading): Calibrate {
  return (raw) => {
    const value: unknown = Array.isArray(raw) ? raw[0] : raw
    return value === null || value === undefined ? { value_raw: raw } : calibrate(value, { value_raw: raw })
  }
}

/** A raw value as the key of a table. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : JSON.stringify(value)
}
