import { startEmbedded } from '../../packages/store/src/embedded/index.ts'
import { containerImage, startContainer } from './container.ts'
import { hasRedisServer, redisServer } from './redis-server.ts'

/** The server that tests share; each test has a key prefix of its own on it. */
export interface TestServer {
  readonly kind: 'given' | 'redis-server' | 'container' | 'embedded'
  readonly url: string
  /** For the line that says what the tests run on. */
  readonly description: string
  close(): Promise<void>
}

/**
 * Chooses and starts the server of a test run: `RIPEN_TEST_URL`; an image, when `RIPEN_TEST_IMAGE` asks for
 * one; a redis-server or valkey-server on PATH; the default image where a Docker engine answers; else the
 * embedded server.
 */
export async function testServer(): Promise<TestServer> {
  const given = process.env['RIPEN_TEST_URL']
  if (given)
    return {
      kind: 'given',
      url: given,
      description: `RIPEN_TEST_URL, ${given.replace(/\/\/[^@/]*@/, '//***@')}`,
      close: () => Promise.resolve(),
    }
  const image = process.env['RIPEN_TEST_IMAGE']
  if (image) return startContainer(containerImage(image))
  if (hasRedisServer()) {
    const server = await redisServer()
    return {
      kind: 'redis-server',
      url: server.url,
      description: `a redis-server of its own on port ${server.port}`,
      close: () => server.close(),
    }
  }
  try {
    return await startContainer(containerImage('redis:7'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const server = await startEmbedded()
    return {
      kind: 'embedded',
      url: server.url,
      description: `the embedded server (no RIPEN_TEST_URL, no redis-server on PATH, no Docker engine: ${reason})`,
      close: () => server.close(),
    }
  }
}
