import type { Store } from '@ripen/store'
import { expect, onTestFinished } from 'vitest'
import { MessageQueue, type MessageQueueOptions } from '../../packages/store/src/message-queue/index.ts'
import { rejection } from '../store/rejection.ts'

/** A message queue that is closed after the test. */
export function openedQueue(store: Store, options?: MessageQueueOptions, name = 'messages'): MessageQueue {
  const queue = new MessageQueue(store, name, options)
  onTestFinished(() => queue.close())
  return queue
}

/** Finds that there is no message; what was asked for before it has then been answered too. */
export async function nothing(queue: MessageQueue): Promise<void> {
  expect((await rejection(queue.get({ timeout: 0 }))).code).toBe('RIPEN_TIMED_OUT')
}
