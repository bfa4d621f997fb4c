import { readFile } from 'node:fs/promises'
import { cpus, release, totalmem, type } from 'node:os'

import { packageOf, titleOf } from './peers/catalogue.mjs'
import { payloadBytes } from './payload.mjs'

async function versionOf(name) {
  return JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
}

/** What the figures depend on besides the code: machine, versions, payload. */
export async function describeMachine(server, peers) {
  const processors = cpus()
  const libraries = await Promise.all(
    peers.map(async (peer) => `${titleOf(peer)} (${packageOf(peer)} ${await versionOf(packageOf(peer))})`),
  )
  return {
    machine: `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}`,
    server: `${server} on 127.0.0.1, a process of the bench's own`,
    node: process.version,
    libraries: libraries.join(', '),
    payload: `${payloadBytes} bytes of JSON`,
  }
}
