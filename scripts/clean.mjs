// Removes what builds leave behind: the compiler never deletes the output of a source that was renamed or
// removed.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './package-manager.mjs'

const packages = join(projectRoot, 'packages')
for (const entry of readdirSync(packages, { withFileTypes: true })) {
  if (entry.isDirectory()) rmSync(join(packages, entry.name, 'dist'), { recursive: true, force: true })
}
rmSync(join(projectRoot, 'node_modules/.cache/tsc'), { recursive: true, force: true })
