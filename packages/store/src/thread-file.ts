import { existsSync } from 'node:fs'
import { ConfigurationError } from './errors/errors.ts'

/**
 * The file that a thread runs: plain JavaScript, beside the module that starts it, or in the built package,
 * where the module is a source, as tests load it.
 *
 * @param places made when they are asked for: a bundle of CommonJS has no `import.meta.url`. Written out as
 *   `new URL('…', import.meta.url)` they are found by tools that trace files.
 * @throws ConfigurationError in a bundled program that lacks it.
 */
export function threadFile(name: string, places: () => readonly URL[]): URL {
  const found = existing(places)
  if (found !== undefined) return found
  throw new ConfigurationError(
    'external',
    `must include @ripen/* in the configuration of your bundler (esbuild: --external:@ripen/*): Ripen runs ${name} as a thread, and the bundle does not contain it`,
  )
}

function existing(places: () => readonly URL[]): URL | undefined {
  try {
    return places().find((file) => existsSync(file))
  } catch {
    return undefined // no import.meta.url
  }
}
