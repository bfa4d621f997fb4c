import { expect, test } from 'vitest'

import { Delivery, verifyIds } from './delivery.mjs'
import { payload, payloadBytes } from './payload.mjs'

function deliver(jobs, handled) {
  const delivery = new Delivery(jobs)
  for (const index of handled) {
    delivery.handle(payload(index))
    delivery.settle()
  }
  return delivery
}

test('every job once is accepted', () => {
  expect(() => deliver(3, [2, 0, 1]).verify()).not.toThrow()
})

test('a lost, a repeated and an unknown job are each refused', () => {
  expect(() => deliver(3, [0, 1]).verify()).toThrow('1 never ran')
  expect(() => deliver(2, [0, 1, 1]).verify()).toThrow('1 ran more than once')
  expect(() => deliver(2, [0, 1, 2]).verify()).toThrow('1 unknown')
})

test('a job that was handled but never settled is refused', () => {
  const delivery = deliver(2, [0])
  delivery.handle(payload(1))
  expect(() => delivery.verify()).toThrow('1 settled')
})

test('whoever waits for a number of settled jobs is told when it is reached, or when one fails', async () => {
  const delivery = deliver(3, [0])
  const reached = delivery.reaches(2)
  delivery.settle()
  await expect(reached).resolves.toBeUndefined()
  const failing = delivery.reaches(3)
  delivery.fail(new Error('job 7 failed'))
  await expect(failing).rejects.toThrow('job 7 failed')
  expect(() => delivery.verify()).toThrow('job 7 failed')
})

test('ids answered twice, or not at all, are refused', () => {
  expect(() => verifyIds(['a', 'b'], 2)).not.toThrow()
  expect(() => verifyIds(['a', 'a'], 2)).toThrow('1 different ids')
  expect(() => verifyIds(['a', undefined], 2)).toThrow('2 jobs added')
})

test('every payload has the same length', () => {
  for (const index of [0, 39_999, 8_999_999]) expect(JSON.stringify(payload(index))).toHaveLength(payloadBytes)
})
