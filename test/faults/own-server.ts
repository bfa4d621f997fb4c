import { onTestFinished as afterThisTest } from 'vitest'
import { redisServer, type RedisServer, type RedisServerOptions } from '../support/redis-server.ts'

/**
 * Starts a redis-server that ends with the test.
 *
 * @param onTestFinished that of the test's context, where tests run concurrently.
 */
export async function ownServer(
  options?: RedisServerOptions,
  onTestFinished: (cleanup: () => Promise<void>) => void = afterThisTest,
): Promise<RedisServer> {
  const server = await redisServer(options)
  onTestFinished(() => server.close())
  return server
}
