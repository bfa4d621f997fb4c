import { resultText } from './json-text.ts'

/** A message that an endpoint or its schedule published. */
export interface Alert {
  /** `<alert_routing_key>.<name>` */
  readonly routingKey: string
  /** The name of the endpoint. */
  readonly name: string
  /** A {@link Reading}, or the value passed to `log_a_value`. */
  readonly payload: unknown
  /** When it was published, by the server's clock, in epoch ms. */
  readonly at: number
}

/**
 * Reads a message of the channel of alerts.
 *
 * @throws for what is no alert.
 */
export function readAlert(message: string): Alert {
  const alert = JSON.parse(message) as Alert | null
  if (typeof alert?.routingKey !== 'string' || typeof alert.name !== 'string' || typeof alert.at !== 'number')
    throw new TypeError('the message is no alert')
  return alert
}

/**
 * The JSON of an alert up to its time, which the server adds. @throws EndpointError 303 for a payload of more
 * than 1 MiB.
 */
export function alertText(routingKey: string, name: string, payload: unknown): string {
  return `${resultText(`the alert of ${name}`, { routingKey: `${routingKey}.${name}`, name, payload }).slice(0, -1)},"at":`
}
