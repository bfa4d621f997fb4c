import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
/** The esbuild of tsx. */
const esbuild = createRequire(createRequire(import.meta.url).resolve('tsx/package.json')).resolve('esbuild/bin/esbuild')

const program = `
import { connect, openStore } from '@ripen/store'
import { Queue } from '@ripen/queue'
import { Worker } from '@ripen/worker'

async function main() {
  const store = openStore('redis://127.0.0.1:1')
  try {
    new Worker('work', async () => 1, { store })
  } catch (error) {
    console.log(error.code, error.option)
  }
  await store.close()
  const embedded = await connect('embedded:').catch((error) => console.log(error.code, error.option))
  if (embedded === undefined) return
  const queue = new Queue('work', { store: embedded })
  const worker = new Worker(queue, async ({ data }) => data + 1)
  const running = worker.run()
  console.log(await (await queue.add('some', 1)).wait({ timeout: '20 s' }))
  await worker.close()
  await running
  await embedded.close()
}
void main()
`

/**
 * What the program says once esbuild has made one file of it, which lies where the packages are installed.
 */
async function bundled(file: 'app.mjs' | 'app.cjs', ...options: string[]): Promise<string[]> {
  const directory = mkdtempSync(join(root, 'node_modules/.ripen-bundle-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const [source, output] = [join(directory, 'program.mjs'), join(directory, file)]
  writeFileSync(source, program)
  await run(esbuild, [source, '--bundle', '--platform=node', '--log-level=error', `--outfile=${output}`, ...options])
  const { stdout } = await run(process.execPath, [output], { env: { ...process.env, RIPEN_LOG_LEVEL: 'silent' }, timeout: 60_000 })
  return stdout.trim().split('\n')
}

const missing = ['RIPEN_CONFIGURATION external', 'RIPEN_CONFIGURATION external']

test('a bundle works that leaves the packages outside', { timeout: 90_000 }, async () => {
  expect(await bundled('app.mjs', '--format=esm', '--external:@ripen/*')).toEqual(['2'])
})

test.each([
  ['app.mjs', '--format=esm', `--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`],
  ['app.cjs', '--format=cjs'],
] as const)('a bundle that swallows them says at the start what to do: %s', { timeout: 90_000 }, async (file, ...options) => {
  expect(await bundled(file, ...options)).toEqual(missing)
})
