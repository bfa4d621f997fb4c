import { GenericContainer } from 'testcontainers'
import type { TestServer } from './servers.ts'

/** What the test suite is meant to run on, by the names that `RIPEN_TEST_IMAGE` takes. */
const images: Readonly<Record<string, string>> = {
  'redis:7': 'redis:7',
  'redis:8': 'redis:8',
  'valkey:8': 'valkey/valkey:8',
  'valkey:9': 'valkey/valkey:9',
}

export function containerImage(name: string): string {
  const image = images[name] ?? Object.values(images).find((known) => known === name)
  if (image === undefined) throw new Error(`RIPEN_TEST_IMAGE must be one of ${Object.keys(images).join(', ')}, got '${name}'`)
  return image
}

/** Fails where no Docker engine answers. */
export async function startContainer(image: string): Promise<TestServer> {
  const container = await new GenericContainer(image).withExposedPorts(6379).withStartupTimeout(60_000).start()
  return {
    kind: 'container',
    url: `redis://${container.getHost()}:${container.getMappedPort(6379)}`,
    description: `a container of ${image}`,
    close: async () => {
      await container.stop({ timeout: 0 })
    },
  }
}
