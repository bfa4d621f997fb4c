export type { MonitorMeter } from './meter.ts'
export { contextFactory, monitor, type ContextFactory, type MonitorOptions } from './monitor.ts'
export type { MonitoredStore } from './monitored-store.ts'
export type { MonitorAttributes, MonitorContext, MonitorSpan, MonitorTracer } from './tracer.ts'
