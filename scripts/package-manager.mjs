import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url))

/** The command that runs this repository's package manager where only Node and npm are installed. */
export const packageManager = ['npx', '--yes', 'pnpm@12.21.0']
