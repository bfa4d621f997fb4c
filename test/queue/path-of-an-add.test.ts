import type { Command } from 'ioredis'
import { internals } from '@ripen/store/internal'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, inject, test, vi } from 'vitest'
import { addScript } from '../../packages/queue/src/scripts.generated.ts'
import { testStore } from '../support/test-store.ts'
import { Queue } from '@ripen/queue'

/** A function that a call has gone through, without its class. */
type Frame = readonly [name: string, file: string]

/**
 * The named functions of Ripen that are under way, outermost first; what a function calls back counts as a
 * part of it.
 */
function framesHere(): Frame[] {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 100
  const { stack = '' } = new Error('here')
  Error.stackTraceLimit = limit
  return [...stack.matchAll(/^ +at (?:async )?(?:new )?([\w.#]+) \(.*\/packages\/\w+\/src\/([\w/-]+\.ts):/gm)]
    .map(([, name = '', file = '']): Frame => [lastOf(name), basename(file)])
    .toReversed()
}

const lastOf = (name: string): string => name.replace(/^.*\./, '')

/** The rows of the table in ARCHITECTURE.md. */
function told(): Frame[] {
  const text = readFileSync(join(import.meta.dirname, '../../ARCHITECTURE.md'), 'utf8')
  const section = /^## 4\. Jobs are added$(.*?)^## /ms.exec(text)?.[1] ?? ''
  return [...section.matchAll(/^\| .* \| `(.+?)` \| `(.+?)` \|$/gm)].map(([, name = '', file = '']) => [lastOf(name), basename(file)])
}

test('an add goes through the functions that ARCHITECTURE.md names, and no others', async () => {
  const queue = new Queue('work', { store: testStore(inject('testServer').url) })
  await queue.add('first', 1) // opens the session
  const client = await internals(queue.store).caller.client()
  const paths: Frame[][] = []
  const [send, byteLength, later] = [client.sendCommand.bind(client), Buffer.byteLength.bind(Buffer), queueMicrotask]
  vi.spyOn(client, 'sendCommand').mockImplementation(((command: Command) => {
    if (command.args[0] === addScript.sha) paths.push(framesHere())
    return send(command)
  }) as typeof client.sendCommand)
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementationOnce((next) => {
    paths.push(framesHere())
    later(next)
  })
  // Asked of long rows, where a batch is encoded.
  vi.spyOn(Buffer, 'byteLength').mockImplementation((...given) => {
    const frames = framesHere()
    if (frames.at(-1)?.[1] === 'encode-batch.ts') paths.push(frames)
    return byteLength(...given)
  })
  const data = {
    toJSON() {
      // What is asked, and asks nobody, is no step: JSON is made by serialize().
      paths.push(framesHere().slice(0, -1))
      return 'x'.repeat(3_000)
    },
  }
  await queue.add('some', data)
  vi.restoreAllMocks()
  await queue.close()

  const steps = [...new Map(paths.flat().map((frame) => [frame.join(' '), frame])).values()]
  expect(paths.length).toBe(4)
  expect(steps).toEqual(told())
  expect(steps.length).toBeLessThanOrEqual(12)
})
