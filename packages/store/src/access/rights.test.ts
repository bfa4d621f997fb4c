import { expect, test } from 'vitest'
import type { Script } from '../script/script.ts'
import { Rights } from './rights.ts'

const named = ['jobs', 'ready', 'wake', 'leases'] as const
type Name = (typeof named)[number]

function script(...keys: readonly Name[]): Script<Name, 'channel', unknown> {
  return { name: 'some', keys, arguments: ['channel'], commands: ['hset', 'publish'], channels: ['channel'], sha: 'x', source: '' }
}

const call = (queue: number): { keys: Record<Name, string>; arguments: { channel: string } } => ({
  keys: { jobs: `${queue}:jobs`, ready: `${queue}:ready`, wake: `${queue}:wake`, leases: `${queue}:leases` },
  arguments: { channel: `${queue}:news` },
})

function rights(): Rights {
  return new Rights({ call: async () => [] } as never)
}

test('rights for a thousand structures are remembered, by the first key alone; after that the oldest is forgotten', async () => {
  const asked = rights()
  const [add, take] = [script('jobs', 'ready', 'wake'), script('leases', 'jobs', 'ready')]
  for (let queue = 0; queue < 1_000; queue++)
    await asked.require({ scripts: [add, take], keys: call(queue).keys, channels: [`${queue}:news`] })
  for (const each of [add, take])
    expect(Array.from({ length: 1_000 }, (_value, queue) => asked.covers(each, call(queue)))).not.toContain(false)
  await asked.learn(add, call(1_000))
  expect([0, 1, 999, 1_000].map((queue) => asked.covers(add, call(queue)))).toEqual([false, true, true, true])
})
