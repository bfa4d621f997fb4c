import type { TestProject } from 'vitest/node'
import { testServer, type TestServer } from './servers.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server that all test files share. */
    testServer: Pick<TestServer, 'kind' | 'url'>
  }
}

/** Starts the server of the run once, says which, and ends it after the last test. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer()
  console.log(`tests run on ${server.description}`)
  project.provide('testServer', { kind: server.kind, url: server.url })
  return () => server.close()
}
