import type { Queue } from '@ripen/queue'
import type { EndpointClient } from '@ripen/store'
import type { Worker } from '@ripen/worker'
import { storedKeys } from '../queue/stored-keys.ts'
import { until } from '../support/deadline.ts'

/** The keys of endpoints that the server holds under the queue's prefix. */
export async function endpointKeys(queue: Pick<Queue<any>, 'store'>): Promise<string[]> {
  return Object.keys(await storedKeys(queue)).filter((key) => key.includes(':endpoint'))
}

/** Resolves once the worker serves its endpoints, which nobody waits for when it starts. */
export async function served({ address }: Worker, client: EndpointClient): Promise<void> {
  await until(
    () =>
      client.ping(address, { timeout: '500ms' }).then(
        () => true,
        () => false,
      ),
    10_000,
    'the endpoints of the worker',
  )
}
