// Everything that CI checks besides the tests, in one command. Runs every step, also after a failure, and
// names those that failed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack-packages.mjs'
import { projectRoot } from './package-manager.mjs'

const failed = []

function step(name, run) {
  const started = performance.now()
  console.log(`\n── ${name}`)
  let passed
  try {
    passed = run()
  } catch (error) {
    console.error(error)
    passed = false
  }
  console.log(`   ${passed ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  if (!passed) failed.push(name)
}

function succeeds(file, ...rest) {
  const { status, error } = spawnSync(file, rest, { cwd: projectRoot, stdio: 'inherit', shell: process.platform === 'win32' })
  if (error !== undefined) throw error
  return status === 0
}

step('format', () => succeeds('oxfmt', '--check'))
step('lint', () => succeeds('oxlint'))
step('embedded scripts are current', () => succeeds('node', 'scripts/embed-scripts.mjs', '--check'))
step('plain English', () => succeeds('node', 'scripts/check-prose.mjs'))
step('wrapped comments', () => succeeds('node', 'scripts/wrap-comments.mjs', '--check'))
step('types, tests and examples included', () => succeeds('tsc', '-b'))
step('docs/errors.md is current', () => succeeds('node', 'scripts/write-errors-doc.mjs', '--check'))
step('docs/security.md is current', () => succeeds('node', 'scripts/write-security-doc.mjs', '--check'))
step('unused files, exports and dependencies', () => succeeds('knip'))

const directory = mkdtempSync(join(tmpdir(), 'ripen-check-'))
try {
  const packed = []
  step('pack', () => packed.push(...packPackages(directory)) > 0)
  for (const { name, tarball } of packed) {
    step(`publint ${name}`, () => succeeds('publint', 'run', tarball, '--strict'))
    step(`types of ${name} as its users see them`, () =>
      succeeds('attw', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-summary'),
    )
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}

// A change of a package needs a changeset; which packages changed is judged against the branch `main`.
if (spawnSync('git', ['rev-parse', '--verify', '--quiet', 'main'], { cwd: projectRoot }).status === 0) {
  step('changesets', () => succeeds('changeset', 'status'))
} else {
  console.log('\n── changesets: left out, this checkout has no branch `main` to compare with')
}

console.log(failed.length === 0 ? '\ncheck: all passed' : `\ncheck: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
