import type { MonitorAttributes } from './tracer.ts'

interface InstrumentOptions {
  description?: string
  unit?: string
  advice?: { explicitBucketBoundaries?: number[] }
}

interface Recorder {
  record(value: number, attributes?: MonitorAttributes): void
}

interface Adder {
  add(value: number, attributes?: MonitorAttributes): void
}

/** What a monitored store uses of a Meter of the OpenTelemetry API: `metrics.getMeter('my-service')`. */
export interface MonitorMeter {
  createHistogram(name: string, options?: InstrumentOptions): Recorder
  createCounter(name: string, options?: InstrumentOptions): Adder
  createUpDownCounter(name: string, options?: InstrumentOptions): Adder
}

/**
 * Upper bounds of latencies in seconds: from what a server nearby needs to what a blocking command may take.
 */
const latencyBounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 30]

/**
 * The instruments of a meter, with the names that baseplate gives its metrics. One set serves all stores
 * monitored over that meter.
 */
export class Instruments {
  readonly latency: Recorder
  readonly requests: Adder
  readonly active: Adder

  constructor(meter: MonitorMeter) {
    this.latency = meter.createHistogram('redis_client_latency_seconds', {
      description: 'Time from sending a command, or a pipeline, to its answer',
      unit: 's',
      advice: { explicitBucketBoundaries: latencyBounds },
    })
    this.requests = meter.createCounter('redis_client_requests_total', {
      description: 'Commands and pipelines that were answered or failed',
    })
    this.active = meter.createUpDownCounter('redis_client_active_requests', {
      description: 'Commands and pipelines that were sent and not answered yet',
    })
  }
}
