// `node scripts/bootstrap.mjs <command> [arguments]` runs a command in a checkout that may be fresh: it
// installs the dependencies when they are missing or older than the lockfile, builds what changed, and then
// runs the command with the binaries of the dependencies on its PATH.
// Needs nothing but Node and npm; the command's exit code, or the signal that ended it, is passed on.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { packageManager, projectRoot } from './package-manager.mjs'

const stamp = join(projectRoot, 'node_modules/.cache/installed-lockfile')
const binaries = join(projectRoot, 'node_modules/.bin')
const environment = { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ''}` }

const [command, ...commandArguments] = process.argv.slice(2)
if (command === undefined) {
  console.error('usage: node scripts/bootstrap.mjs <command> [arguments]')
  process.exit(2)
}

const lockfile = createHash('sha256')
  .update(readFileSync(join(projectRoot, 'pnpm-lock.yaml')))
  .digest('hex')
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockfile) {
  const install = [...packageManager, 'install', '--frozen-lockfile']
  console.log(`ripen: installing dependencies (${install.join(' ')})`)
  // CI=true: never ask, as nobody may be there to answer.
  await runOrExit(install, { ...process.env, CI: 'true' })
  mkdirSync(join(stamp, '..'), { recursive: true })
  writeFileSync(stamp, lockfile)
}

console.log('ripen: building what changed (tsc -b packages)')
await runOrExit(['tsc', '-b', 'packages'], environment)

console.log(`ripen: ${[command, ...commandArguments].join(' ')}`)
await runOrExit([command, ...commandArguments], environment)

/**
 * Runs a command in the project's root; returns when it succeeded, else ends this process the way the command
 * ended.
 */
async function runOrExit([file, ...rest], env) {
  const child = spawn(file, rest, { cwd: projectRoot, env, stdio: 'inherit', shell: process.platform === 'win32' })
  const stopForwarding = forwardSignals(child)
  const { code, signal } = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }))
  }).finally(stopForwarding)
  if (signal !== null) process.kill(process.pid, signal)
  if (code !== 0) process.exit(code ?? 1)
}

/**
 * Hands signals on to the child, until the answered function is called. An interrupt typed at a terminal
 * reaches the child by itself, and npm sends it here a second time: handing that on would look like the
 * impatient second Ctrl-C that ends a graceful shutdown.
 */
function forwardSignals(child) {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const last = new Map()
  const listener = (signal) => {
    const now = performance.now()
    const repeated = now - (last.get(signal) ?? -Infinity) < 300
    last.set(signal, now)
    if (repeated || (signal === 'SIGINT' && process.stdin.isTTY)) return
    child.kill(signal)
  }
  for (const signal of signals) process.on(signal, listener)
  // npm signals the shell between it and this process, and that shell dies without telling: what it started
  // would run on unseen.
  const parent = process.ppid
  const orphanCheck = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return
    clearInterval(orphanCheck)
    child.kill('SIGTERM')
  }, 250)
  return () => {
    clearInterval(orphanCheck)
    for (const signal of signals) process.off(signal, listener)
  }
}
