import { createRequire } from 'node:module'
import type { ServerFinding } from './server-report.ts'

const load = createRequire(import.meta.url)

/** Which versions talk to the server. */
export function clientVersions(): ServerFinding {
  const message = `@ripen/store ${versionIn('../../package.json')}, ioredis ${versionIn('ioredis/package.json')}, Node.js ${process.versions.node}`
  return { level: 'ok', name: 'client', message }
}

/** A bundled program has no package.json to read. */
function versionIn(file: string): string {
  try {
    return (load(file) as { version: string }).version
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return 'of unknown version'
    throw error
  }
}
