// A monitored store: a span and a latency for each command, over OpenTelemetry. Here the spans stay in
// memory; a service exports them.
import { connect, contextFactory } from '@ripen/store'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

const exporter = new InMemorySpanExporter()
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('example')

const store = await connect()
const redisOf = contextFactory(store, { tracer })

// For each request a view of the store that is bound to the span of the request. It costs no connection.
async function handle(name: string, user: string): Promise<void> {
  const request = tracer.startSpan(name)
  const redis = redisOf.forSpan('redis', request)
  await redis.redis.set(`{example:${user}}:name`, user)

  // A pipeline is one span, and has a name that tells what it is for.
  const pipeline = redis.pipeline('visit')
  pipeline.incr(`{example:${user}}:visits`)
  pipeline.get(`{example:${user}}:name`)
  console.log('visit:', await pipeline.exec())

  await redis.redis.call('crazycommand').catch((error: Error) => console.log('failed:', error.name))
  await redis.redis.del(`{example:${user}}:name`, `{example:${user}}:visits`)
  request.end()
}

await handle('GET /ada', 'ada')

const spans = exporter.getFinishedSpans()
for (const { name, events, parentSpanContext } of spans) {
  const parent = spans.find((span) => span.spanContext().spanId === parentSpanContext?.spanId)
  console.log(`${name}${parent === undefined ? '' : ` in ${parent.name}`}${events.map((event) => `, ${event.name}`).join('')}`)
}
await store.close()
