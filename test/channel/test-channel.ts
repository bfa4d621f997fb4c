import { onTestFinished } from 'vitest'
import { Channel, type ChannelOptions } from '../../packages/store/src/channel/index.ts'
import type { Store, StoreOptions } from '@ripen/store'
import { testStore } from '../support/test-store.ts'

/** A channel that no other test has, on a store of its own; removed after the test. */
export function testChannel<T = any>(
  url: string,
  options?: ChannelOptions,
  storeOptions?: Omit<StoreOptions, 'url' | 'redis'>,
): Channel<T> {
  return channelOf<T>(testStore(url, storeOptions), options)
}

export function channelOf<T = any>(store: Store, options?: ChannelOptions): Channel<T> {
  const channel = new Channel<T>(store, 'test', options)
  onTestFinished(async () => {
    await channel.delete()
  })
  return channel
}
