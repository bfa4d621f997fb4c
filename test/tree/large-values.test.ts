import { section, root } from '@ripen/store'
import { expect, test } from 'vitest'
import { testStore } from '../support/test-store.ts'

const leaf = 'x'.repeat(1_000_000)
/** Values that have `bytes` together with the name of a leaf of one letter at each. */
const branch = (bytes: number): Record<string, string> => ({
  ...Object.fromEntries(Array.from('abcdefg', (name) => [name, leaf])),
  h: 'x'.repeat(bytes - 7 * (leaf.length + 2) - 2 - 8 * 4),
})

test('what one set may write, one val reads; a larger value is refused, and nothing is written', async () => {
  const home = section(testStore(), 'home')
  const most = branch(8_000_000)
  await home.set('n', most)
  expect(await home.get('n').val()).toEqual(most)
  await expect(home.set('n', branch(8_000_001))).rejects.toMatchObject({
    option: 'value',
    message: expect.stringContaining('8000000 bytes'),
  })
  await expect(home.set('n', 'x'.repeat(9_000_000))).rejects.toMatchObject({ option: 'value' })
  expect(await home.get('n.a').val()).toBe(leaf)
})

test('a branch that has grown too large is refused by val, which names leaves()', async () => {
  const store = testStore()
  const home = section(store, 'home')
  for (let i = 0; i < 9; i++) await home.set(['n', String(i)], leaf)
  const refused = { code: 'RIPEN_PATH', message: expect.stringMatching(/'home(\.n)?': has more than 8000000 bytes .* leaves\(\)/) }
  for (const node of [home.get('n'), home, root(store)]) await expect(node.val()).rejects.toMatchObject(refused)
  let read = 0
  for await (const each of home.get('n').leaves()) read += (await each.val<string>())?.length ?? 0
  expect(read).toBe(9 * leaf.length)
  expect(await home.clear()).toBe(9)
})
