import { section, type TreeNode } from '@ripen/store'
import { expect, onTestFinished, test } from 'vitest'
import { treeAddScript, treeSetScript } from '../../packages/store/src/scripts.generated.ts'
import { ownServer } from '../faults/own-server.ts'
import { within } from '../support/deadline.ts'
import { tcpProxy, type TcpProxy } from '../support/proxy.ts'
import { describeWithRedisServer } from '../support/redis-server.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'

async function opened(): Promise<{ proxy: TcpProxy; far: TreeNode; near: TreeNode }> {
  const server = await ownServer()
  const proxy = await tcpProxy(server.port)
  onTestFinished(() => proxy.close())
  const prefix = randomPrefix()
  return { proxy, far: section(testStore(proxy.url, { prefix }), 'x'), near: section(testStore(server.url, { prefix }), 'x') }
}

describeWithRedisServer('the tree when connections are cut', () => {
  test('a set whose reply is lost is sent again, and is there once and whole', async () => {
    const { proxy, far, near } = await opened()
    for (let round = 0; round < 10; round++) {
      await far.set('warm', round)
      const cut = proxy.cutAfterRequest((request) => request.includes(treeSetScript.sha))
      await within(5_000, far.set('a', { b: round, c: { d: round } }), 'the set')
      await cut
      expect(await near.get('a').val()).toEqual({ b: round, c: { d: round } })
    }
  })

  test('an add whose reply is lost says that it may have been applied, and was applied once', async () => {
    const { proxy, far, near } = await opened()
    await far.get('n').add(1)
    for (let round = 1; round <= 10; round++) {
      const cut = proxy.cutAfterRequest((request) => request.includes(treeAddScript.sha))
      const failed = await within(5_000, far.get('n').add(1), 'the add').catch((error: unknown) => error)
      await cut
      expect(failed).toMatchObject({ code: 'RIPEN_CONNECTION', message: expect.stringContaining('may have been applied') as string })
      expect(await near.get('n').val()).toBe(1 + round)
    }
  })

  test('an add that the server never saw is sent again', async () => {
    const { proxy, far, near } = await opened()
    await far.get('n').add(1)
    const cut = proxy.cutBeforeRequest((request) => request.includes(treeAddScript.sha))
    await within(5_000, far.get('n').add(1), 'the add').catch((error: unknown) => error)
    await cut
    expect(await far.get('n').add(1)).toBe((await near.get('n').val()) as number)
  })
})

describeWithRedisServer('the tree when the server is away', () => {
  test('calls wait for its return; those that wait for too long say so', async () => {
    const server = await ownServer({ appendonly: 'always' })
    const prefix = randomPrefix()
    const patient = section(testStore(server.url, { prefix, enqueueTimeout: '20 s' }), 'x')
    const hasty = section(testStore(server.url, { prefix, enqueueTimeout: 500 }), 'x')
    await patient.set('a', { b: 1 })
    await hasty.val()
    await server.stop('SIGKILL')
    const waiting = [patient.set('a', { b: 2, c: 3 }), patient.get('a').val()] as const
    await expect(within(3_000, hasty.set('a', 9), 'the refusal')).rejects.toMatchObject({ code: 'RIPEN_CONNECTION' })
    await server.start()
    await within(10_000, Promise.all(waiting), 'the calls that waited')
    expect(await within(5_000, hasty.val(), 'a read afterwards')).toEqual({ a: { b: 2, c: 3 } })
  })
})
