import { MeterProvider, MetricReader, type DataPoint, type Histogram } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base'

class PulledReader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve()
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve()
  }
}

/** A tracer and a meter of the OpenTelemetry SDK, and what they have recorded. */
export class Telemetry {
  readonly #exporter = new InMemorySpanExporter()
  readonly #reader = new PulledReader()
  readonly tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#exporter)] }).getTracer('test')
  readonly meter = new MeterProvider({ readers: [this.#reader] }).getMeter('test')

  /** Spans that have ended, in the order of their end. */
  get spans(): ReadableSpan[] {
    return this.#exporter.getFinishedSpans()
  }

  get names(): string[] {
    return this.spans.map(({ name }) => name)
  }

  forgetSpans(): void {
    this.#exporter.reset()
  }

  /** What a counter holds, by labels. */
  async counted(instrument: string): Promise<Record<string, unknown>[]> {
    return (await this.#points(instrument)).map(({ attributes, value }) => ({ ...attributes, value }))
  }

  /** What a histogram holds, by labels. */
  async distribution(instrument: string): Promise<{ labels: object; histogram: Histogram }[]> {
    return (await this.#points(instrument)).map(({ attributes, value }) => ({ labels: attributes, histogram: value as Histogram }))
  }

  async #points(instrument: string): Promise<DataPoint<unknown>[]> {
    const { resourceMetrics } = await this.#reader.collect()
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
    return metrics.find(({ descriptor }) => descriptor.name === instrument)?.dataPoints ?? []
  }
}
