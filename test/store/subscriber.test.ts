import { internals } from '@ripen/store/internal'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { until, within } from '../support/deadline.ts'
import { tcpProxy } from '../support/proxy.ts'
import { randomPrefix } from '../support/test-store.ts'
import { openedStore } from './opened-store.ts'

test('a message that is published is heard, and a reconnect too', async () => {
  const proxy = await tcpProxy(inject('testServer').url)
  onTestFinished(() => proxy.close())
  const { subscriber } = internals(openedStore(proxy.url))
  const redis = new Redis(inject('testServer').url)
  onTestFinished(() => redis.disconnect())
  const channel = randomPrefix()
  const heard: (string | undefined)[] = []
  let wake = (): void => undefined
  const heardOnes = async (count: number): Promise<void> => {
    while (heard.length < count) await within(3_000, new Promise<void>((resolve) => (wake = resolve)), `message ${count}`)
  }
  const end = await subscriber.listen(channel, (message) => {
    // The first connection may be announced as well; nothing was missed before it.
    if (message !== undefined || heard.length > 0) heard.push(message)
    wake()
  })
  const endOther = await subscriber.listen(channel, () => undefined)
  await redis.publish(channel, 'first')
  await heardOnes(1)
  endOther()
  proxy.cut()
  await heardOnes(2)
  await until(async () => (await redis.publish(channel, 'second')) === 1, 3_000, 'the subscription')
  await heardOnes(3)
  expect(heard).toEqual(['first', undefined, 'second'])
  end()
  await until(async () => (await redis.publish(channel, 'third')) === 0, 3_000, 'the end of the subscription')
  expect(heard).toHaveLength(3)
})
