import { createRequire } from 'node:module'
import { version } from '../version.generated.ts'
import type { ServerFinding } from './server-report.ts'

/** Which versions talk to the server. */
export function clientVersions(): ServerFinding {
  const message = `@ripen/store ${version}, ioredis ${versionOf('ioredis')}, Node.js ${process.versions.node}`
  return { level: 'ok', name: 'client', message }
}

/** A bundled program has no package.json to read. */
function versionOf(name: string): string {
  try {
    return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version
  } catch {
    return 'of unknown version'
  }
}
