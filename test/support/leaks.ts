import { Redis } from 'ioredis'
import { until } from './deadline.ts'

/**
 * Fails when a connection of this name is still open on the server. The server learns of a closed connection
 * a moment later than the client.
 *
 * @param url of a server, or of a cluster, whose nodes are all asked.
 */
export async function expectNoConnections(url: string, name: string): Promise<void> {
  for (const node of nodeUrls(url)) {
    const observer = new Redis(node, { retryStrategy: () => null })
    // A node that is down has no connections; what else goes wrong the command tells.
    observer.on('error', () => undefined)
    try {
      await until(async () => (await namesOf(observer)).every((found) => found !== name), 2_000, `the end of all connections named ${name}`)
    } finally {
      observer.disconnect()
    }
  }
}

async function namesOf(observer: Redis): Promise<string[]> {
  const clients = (await observer.client('LIST')) as string
  return clients.split('\n').map((line) => / name=(\S*)/.exec(line)?.[1] ?? '')
}

function nodeUrls(url: string): string[] {
  const cluster = /^redis\+cluster:\/\/([^@/]*@)?([^/]+)/.exec(url)
  if (cluster === null) return [url.startsWith('unix://') ? url.slice('unix://'.length) : url]
  return (cluster[2] ?? '').split(',').map((node) => `redis://${cluster[1] ?? ''}${node}`)
}
