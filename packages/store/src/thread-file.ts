import { existsSync } from 'node:fs'
import { ConfigurationError } from './errors.ts'

/**
 * The file that a thread runs: plain JavaScript, beside the module that starts it, or in the built package, where the module is a source, as tests load it.
 *
 * @param places relative to the module.
 * @param module its `import.meta.url`; a bundle of CommonJS has none.
 * @throws ConfigurationError in a bundled program that lacks it.
 */
export function threadFile(places: readonly string[], module: string | undefined): URL {
  const found = module === undefined ? undefined : places.map((place) => new URL(place, module)).find((file) => existsSync(file))
  if (found !== undefined) return found
  throw new ConfigurationError(
    'external',
    `must have @ripen/* in the configuration of your bundler (esbuild: --external:@ripen/*): Ripen runs ${places[0]} as a thread, and the bundle does not have it`,
  )
}
