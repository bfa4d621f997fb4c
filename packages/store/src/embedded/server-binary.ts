import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/**
 * The first redis-server, else the first valkey-server on PATH, as an absolute path: it is started in another
 * directory.
 */
export function findServerBinary(path: string = process.env['PATH'] ?? ''): string | undefined {
  const directories = path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => resolve(directory))
  return ['redis-server', 'valkey-server'].flatMap((name) => directories.map((directory) => join(directory, name))).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
