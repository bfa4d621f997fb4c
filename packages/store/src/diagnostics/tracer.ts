/** Labels of spans and of measurements. */
export type MonitorAttributes = Record<string, string | number | boolean>

/** The shape of a Context of the OpenTelemetry API. */
export interface MonitorContext {
  getValue(key: symbol): unknown
  setValue(key: symbol, value: unknown): MonitorContext
  deleteValue(key: symbol): MonitorContext
}

/** What a monitored store uses of a Span of the OpenTelemetry API. */
export interface MonitorSpan {
  recordException(exception: Error): void
  setStatus(status: { code: number; message?: string }): unknown
  end(): void
}

/** What a monitored store uses of a Tracer of the OpenTelemetry API: `trace.getTracer('my-service')`. */
export interface MonitorTracer {
  startSpan(name: string, options?: { kind?: number; attributes?: MonitorAttributes }, context?: MonitorContext): MonitorSpan
}

/** `SpanKind.CLIENT` */
export const clientKind = 2
/** `SpanStatusCode.ERROR` */
export const errorStatus = 2

/**
 * Where the OpenTelemetry API keeps the span of a context. It makes its keys with `Symbol.for`, so that
 * several copies of it agree.
 */
const spanKey = Symbol.for('OpenTelemetry Context Key SPAN')

/** A context that holds nothing but this span: a tracer makes it the parent of what it starts. */
export function contextOf(span: MonitorSpan): MonitorContext {
  return new ValueContext(new Map([[spanKey, span]]))
}

class ValueContext implements MonitorContext {
  readonly #values: ReadonlyMap<symbol, unknown>

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key)
  }

  setValue(key: symbol, value: unknown): MonitorContext {
    return new ValueContext(new Map(this.#values).set(key, value))
  }

  deleteValue(key: symbol): MonitorContext {
    const values = new Map(this.#values)
    values.delete(key)
    return new ValueContext(values)
  }
}
