import { Redis } from 'ioredis'
import { startProxied } from './proxied.mjs'

/**
 * One server, which writes each change to disk before it answers: nothing that was acknowledged may be lost.
 */
export async function startSingle(directory) {
  const { server, proxy } = await startProxied(directory, 'server', () => ({ appendfsync: 'always' }))
  const redis = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: null })
  redis.on('error', () => undefined) // it connects anew when the server is back
  return {
    url: `redis://127.0.0.1:${proxy.port}`,
    durability: undefined,
    proxies: [proxy],
    servers: [server],
    redis,
    primary: async () => server,
    whole: async () => `redis://127.0.0.1:${server.port}`,
    async stop() {
      redis.disconnect()
      proxy.close()
      await server.kill()
    },
  }
}
