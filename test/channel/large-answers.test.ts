import { expect, test } from 'vitest'
import { testChannel } from './test-channel.ts'

test('the reads of one call answer with 8 MB at most; writes among them are applied all the same', async () => {
  const channel = testChannel(undefined as never)
  const value = { text: 'x'.repeat(3_000_000), n: 0 }
  await channel.reset(value)
  const refused = expect.objectContaining({ option: 'path', message: expect.stringContaining('8,000,000 bytes') })
  const pipeline = channel.pipeline().get('text').get('text').get('text').query('numincrby', 'n', 1).get('n')
  const results = await pipeline.exec()
  expect(results.map((result) => (typeof result === 'string' ? result.length : result))).toEqual([3e6, 3e6, refused, 1, refused])
  await expect(channel.query('mget', 'text', 'text', 'text')).rejects.toEqual(refused)
  expect((await channel.get()).n).toBe(1)
})

test('the values of a pipeline, and those of one operation, are bounded before they are sent', async () => {
  const channel = testChannel(undefined as never)
  const large = 'x'.repeat(3_000_000)
  const pipeline = channel.pipeline().set(large).set(large)
  expect(() => pipeline.set(large)).toThrow(expect.objectContaining({ option: 'pipeline' }))
  expect(() => channel.pipeline().query('arrappend', '.', large, large)).toThrow(expect.objectContaining({ option: 'values' }))
  expect(pipeline.length).toBe(2)
})
