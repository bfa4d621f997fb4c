import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { version } from '../packages/store/src/version.generated.ts'
import { spawnFixture } from './support/child.ts'
import { randomPrefix } from './support/test-store.ts'

/** What a process says that has two copies of the packages, the second one of this version. */
async function said(copy: string): Promise<object[]> {
  const directory = mkdtempSync(join(tmpdir(), 'ripen-copy-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const child = spawnFixture('second-copy.mjs', [inject('testServer').url, randomPrefix(), directory, copy])
  await child.event('closed', () => true, 25_000)
  expect(await child.exit()).toEqual({ code: 0, signal: null })
  return [...child.events]
}

test('two copies of one version share stores, queues, outcomes and errors, as after a hot reload', async () => {
  expect(await said(version)).toEqual([
    { event: 'shared', same: true },
    { event: 'ran', result: 'done' },
    { event: 'discarded', code: 'RIPEN_JOB_FAILED', attempts: 2 },
    { event: 'refused', code: 'RIPEN_CONFIGURATION', instance: true, others: true },
    { event: 'distinguished', instance: false, plain: false },
    { event: 'closed' },
  ])
})

test('two copies of different versions say so, and share nothing', async () => {
  expect(await said('9.9.9')).toEqual([
    { event: 'shared', same: false },
    {
      event: 'failed',
      code: 'RIPEN_CONFIGURATION',
      option: 'store',
      message: `store: comes from version ${version} of Ripen, but this is version 9.9.9: the process has loaded two copies, so install only one (npm ls @ripen/store shows them)`,
      ripen: true,
    },
    { event: 'closed' },
  ])
})
