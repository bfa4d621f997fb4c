import { internals } from '@ripen/store/internal'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { until, within } from '../support/deadline.ts'
import { randomPrefix, testStore } from '../support/test-store.ts'

test('a message that is published is heard, and a reconnect too', async () => {
  const { subscriber } = internals(testStore())
  const channel = randomPrefix()
  const redis = new Redis(inject('testServer').url)
  onTestFinished(() => redis.disconnect())
  const heard: (string | undefined)[] = []
  let wake: () => void = () => undefined
  const next = async (length: number): Promise<void> => {
    while (heard.length < length) await within(3_000, new Promise<void>((resolve) => (wake = resolve)), `message ${length}`)
  }
  const listener = (message: string | undefined): void => {
    if (message !== undefined || heard.length > 0) heard.push(message)
    wake()
  }
  const end = await subscriber.listen(channel, listener)
  const endOther = await subscriber.listen(channel, () => undefined)
  await redis.publish(channel, 'first')
  await next(1)
  endOther()
  await redis.client('KILL', 'TYPE', 'pubsub')
  await next(2)
  await until(async () => (await redis.publish(channel, 'second')) === 1, 3_000, 'the subscription')
  await next(3)
  expect(heard).toEqual(['first', undefined, 'second'])
  end()
  await until(async () => (await redis.publish(channel, 'third')) === 0, 3_000, 'the end of the subscription')
  expect(heard).toHaveLength(3)
})
