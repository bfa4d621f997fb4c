import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A port of the loopback interface that was free a moment ago. */
async function freePort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Starts a redis-server of the bench's own on 127.0.0.1, with an empty directory and no snapshots.
 *
 * @param {'none' | 'everysec'} durability no AOF, or an AOF with `appendfsync everysec`. It is never
 *   rewritten by itself, so that no fork falls into a sample.
 * @returns {Promise<{ url: string, aof: boolean, stop(): Promise<void> }>} Uses the binary named by
 *   BENCH_SERVER, by default `redis-server` on the PATH.
 */
export async function startRedis(durability) {
  const binary = process.env.BENCH_SERVER ?? 'redis-server'
  const directory = await mkdtemp(join(tmpdir(), 'ripen-bench-'))
  const port = await freePort()
  const aof = durability === 'everysec'
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: directory,
    save: '',
    daemonize: 'no',
    appendonly: aof ? 'yes' : 'no',
    appendfsync: 'everysec',
    'auto-aof-rewrite-percentage': 0,
  }
  const child = spawn(
    binary,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const remove = () => {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  // Whatever ends the bench, its server and its files go with it.
  process.once('exit', remove)
  try {
    await new Promise((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new Error(`${binary} does not start: install redis-server, or name one in BENCH_SERVER`, { cause })),
      )
      child.once('exit', (code) => reject(new Error(`${binary} ended with code ${code} before it was ready`)))
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (/ready to accept connections/i.test(line)) resolve()
      })
    })
  } catch (error) {
    process.removeListener('exit', remove)
    remove()
    throw error
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    aof,
    async stop() {
      child.kill('SIGKILL')
      await exited
      process.removeListener('exit', remove)
      remove()
    },
  }
}
