import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the packed packages install into an empty project, where the first program compiles and runs', async () => {
  const script = fileURLToPath(new URL('../scripts/pack-check.mjs', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 280_000 })
  expect(stdout).toMatch(/pack check: passed\n$/)
}, 300_000)
