import type { Store } from '@ripen/store'
import { onTestFinished } from 'vitest'
import { EndpointClient, Provider, type Alert, type EndpointConfig, type ProviderOptions } from '../../packages/store/src/endpoint/index.ts'
import { until } from '../support/deadline.ts'

/** A provider that is started, and closed after the test. */
export async function running(
  store: Store,
  endpoints: readonly EndpointConfig[],
  options: Partial<ProviderOptions> = {},
): Promise<Provider> {
  const provider = new Provider(store, { name: 'kv_example', endpoints, ...options })
  onTestFinished(() => provider.close())
  return provider.start()
}

/** A client that waits for 5 s, closed after the test. */
export function clientOf(store: Store): EndpointClient {
  const client = new EndpointClient(store, { timeout: '5 s' })
  onTestFinished(() => client.close())
  return client
}

export interface HeardAlerts {
  readonly all: readonly Alert[]
  /** Those payloads, once there are so many. */
  payloads(count: number): Promise<unknown[]>
}

/** Keeps the alerts that are published from now on. */
export function alertsOf(client: EndpointClient, match?: string): HeardAlerts {
  const abort = new AbortController()
  const all: Alert[] = []
  let failed: unknown
  const alerts = client.alerts({ signal: abort.signal, ...(match === undefined ? {} : { match }) })
  const reading = (async () => {
    for await (const alert of alerts) all.push(alert)
  })().catch((error: unknown) => (failed = error))
  onTestFinished(async () => {
    abort.abort()
    await reading
  })
  return {
    all,
    payloads: async (count) => {
      await until(() => all.length >= count || failed !== undefined, 5_000, `${count} alerts`)
      if (failed !== undefined) throw failed as Error
      return all.map(({ payload }) => payload)
    },
  }
}

/** What an EndpointError with that return code looks like. */
export function refusal(retcode: number): { code: string; retcode: number } {
  return { code: 'RIPEN_ENDPOINT', retcode }
}
