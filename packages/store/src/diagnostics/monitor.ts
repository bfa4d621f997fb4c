import { ConfigurationError } from '../errors/errors.ts'
import { optional, parseOptions, text, type Rule } from '../options/options.ts'
import { internals, type Store } from '../store.ts'
import { Instruments, type MonitorMeter } from './meter.ts'
import { MonitoredRipenStore, type MonitoredStore } from './monitored-store.ts'
import { contextOf, type MonitorSpan, type MonitorTracer } from './tracer.ts'

/** Where spans and measurements of a monitored store go. */
export interface MonitorOptions {
  /** The first part of the names of spans, `<name>.<COMMAND>`, and the label `client_name`. */
  readonly name: string
  /** A tracer of the OpenTelemetry API, such as `trace.getTracer('my-service')`. Default: no spans. */
  readonly tracer?: MonitorTracer
  /** A meter of the OpenTelemetry API, such as `metrics.getMeter('my-service')`. Default: no measurements. */
  readonly meter?: MonitorMeter
}

/**
 * Returns a view of a store that makes a client span for every command, named as it was sent (helper methods
 * in upper case), and measures it: `redis_client_latency_seconds` (histogram), `redis_client_requests_total`
 * and `redis_client_active_requests`, by `command` (lower case), `database`, `client_name`, `type` (the
 * topology) and `success`.
 *
 * A span's parent is the active context, by the tracer's own rules. Arguments and answers of commands are in
 * no span and no label. Spans of commands that may block carry `redis.blocking`. With neither a tracer nor a
 * meter, commands go straight to the store's own client, at no cost. Ripen never loads OpenTelemetry: it
 * comes with what you pass.
 *
 * @throws ConfigurationError for an option that breaks its rule.
 */
export function monitor(store: Store, options: MonitorOptions): MonitoredStore {
  const { name, tracer, meter } = parseOptions('monitor options', options, {
    name: text,
    tracer: optional(tracerRule, undefined),
    meter: optional(meterRule, undefined),
  })
  return new MonitoredRipenStore(internals(store), { name, tracer, instruments: meter && new Instruments(meter) })
}

/** Makes monitored stores for requests, each bound to the span of its request. */
export interface ContextFactory {
  /**
   * Returns a view whose spans are children of `span`, whatever context is active. Make one for each server
   * span, and one for each local span within it. It needs no connection and need not be closed.
   *
   * @param name as in {@link MonitorOptions}.
   */
  forSpan(name: string, span: MonitorSpan): MonitoredStore
}

/**
 * Monitored stores over one store, one tracer and one set of instruments, for services that pass the span of
 * a request on themselves.
 *
 * @throws ConfigurationError for an option that breaks its rule.
 */
export function contextFactory(store: Store, options: { readonly tracer: MonitorTracer; readonly meter?: MonitorMeter }): ContextFactory {
  const { tracer, meter } = parseOptions('contextFactory options', options, { tracer: tracerRule, meter: optional(meterRule, undefined) })
  const inner = internals(store)
  const instruments = meter && new Instruments(meter)
  return {
    forSpan(name, span) {
      const parent = contextOf(spanRule('span', span))
      return new MonitoredRipenStore(inner, { name: text('name', name), tracer, instruments, parent })
    },
  }
}

const spanRule = withMethods<MonitorSpan>('a Span', ['recordException', 'setStatus', 'end'])
const tracerRule = withMethods<MonitorTracer>('a Tracer', ['startSpan'])
const meterRule = withMethods<MonitorMeter>('a Meter', ['createHistogram', 'createCounter', 'createUpDownCounter'])

function withMethods<T>(what: string, methods: readonly string[]): Rule<T> {
  return (option, value) => {
    const given = value as Record<string, unknown> | null | undefined
    if (typeof given !== 'object' || given === null || methods.some((method) => typeof given[method] !== 'function'))
      throw new ConfigurationError(option, `must be ${what} of the OpenTelemetry API, with ${methods.join(', ')}`, value)
    return value as T
  }
}
