import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageManager, projectRoot } from './package-manager.mjs'

/** The folders of the packages that are published, with their names. */
export function publishedPackages() {
  const folder = join(projectRoot, 'packages')
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((directory) => existsSync(join(directory, 'package.json')))
    .map((directory) => ({ directory, manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ directory, manifest }) => ({ directory, name: manifest.name, version: manifest.version }))
}

/**
 * Packs every published package, as it is built now, into `destination`; returns the name and tarball of
 * each.
 */
export function packPackages(destination) {
  const [file, ...rest] = packageManager
  execFileSync(file, [...rest, '--recursive', '--filter', './packages/*', 'pack', '--pack-destination', destination], {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  return publishedPackages().map(({ name, version, directory }) => {
    const tarball = join(destination, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
    if (!existsSync(tarball)) throw new Error(`pnpm pack left no ${tarball}`)
    return { name, tarball, directory }
  })
}
