import { RipenError } from '../errors/errors.ts'
import { plainCause } from '../foreign/plain-cause.ts'
import type { Topology } from '../connection/target.ts'
import type { Instruments } from './meter.ts'
import { clientKind, errorStatus, type MonitorAttributes, type MonitorContext, type MonitorSpan, type MonitorTracer } from './tracer.ts'

/** Where spans and measurements go. */
export interface TelemetryTarget {
  /** The first part of every span's name, and the label `client_name`. */
  readonly name: string
  readonly tracer: MonitorTracer | undefined
  readonly instruments: Instruments | undefined
  /** The parent of every span. Without it the tracer uses the active context. */
  readonly parent?: MonitorContext
}

/** Describes the database that the commands of a store go to. */
export interface MonitoredDatabase {
  readonly selectedDatabase: number
  readonly topology: Topology
}

/** A command or a pipeline, as it is called in spans and labels. Nothing of its arguments goes along. */
export interface Operation {
  /** The span's name after `<name>.` */
  readonly span: string
  /** Lower case. */
  readonly command: string
  readonly blocking?: boolean
}

/** Puts a span and measurements around commands of one database. */
export class Telemetry {
  readonly #target: TelemetryTarget
  readonly #labels: MonitorAttributes
  readonly #attributes: MonitorAttributes

  readonly #failed: (fault: unknown) => void

  /** @param failed hears what the tracer or the meter has thrown: no command fails of it. */
  constructor(target: TelemetryTarget, store: MonitoredDatabase, failed: (fault: unknown) => void) {
    const { selectedDatabase: database, topology: type } = store
    this.#target = target
    this.#failed = failed
    this.#labels = { database, client_name: target.name, type }
    this.#attributes = { 'db.system.name': 'redis', 'db.namespace': String(database) }
  }

  /**
   * Sends, and passes on what comes of it.
   *
   * @param failureOf finds the error in an answer that holds one and is no rejection.
   */
  observe<T>(operation: Operation, send: () => Promise<T>, failureOf: (reply: T) => unknown): Promise<T> {
    const end = this.#begin(operation)
    let sent: Promise<T>
    try {
      sent = send()
    } catch (error) {
      end(error)
      throw error
    }
    // Before the caller's own reactions, which find the span ended.
    sent.then((reply) => end(failureOf(reply)), end)
    return sent
  }

  #begin(operation: Operation): (error: unknown) => void {
    try {
      const end = this.#measure(operation)
      return (error) => {
        try {
          end(error)
        } catch (fault) {
          this.#failed(fault)
        }
      }
    } catch (fault) {
      this.#failed(fault)
      return () => undefined
    }
  }

  /** The function that is returned ends it; with an error as a failure. */
  #measure({ span: spanName, command, blocking = false }: Operation): (error: unknown) => void {
    const { name, tracer, instruments, parent } = this.#target
    const labels = { command, ...this.#labels }
    instruments?.active.add(1, labels)
    const span = tracer?.startSpan(
      `${name}.${spanName}`,
      {
        kind: clientKind,
        attributes: { ...this.#attributes, 'db.operation.name': command, ...(blocking ? { 'redis.blocking': true } : {}) },
      },
      parent,
    )
    const start = performance.now()
    return (error) => {
      const measured = { ...labels, success: error === undefined }
      instruments?.latency.record((performance.now() - start) / 1_000, measured)
      instruments?.requests.add(1, measured)
      instruments?.active.add(-1, labels)
      if (span !== undefined) endSpan(span, error)
    }
  }
}

function endSpan(span: MonitorSpan, error: unknown): void {
  if (error !== undefined) {
    // A client puts the arguments of the command into its errors.
    const exception = error instanceof RipenError ? error : plainCause(error)
    span.recordException(exception)
    span.setStatus({ code: errorStatus, message: exception.message })
  }
  span.end()
}
