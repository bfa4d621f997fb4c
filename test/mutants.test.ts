import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../', import.meta.url)
const { mutants } = (await import(new URL('mutants/catalogue.mjs', root).href)) as {
  readonly mutants: readonly Readonly<Record<'name' | 'file' | 'from' | 'to', string>>[]
}

test.for(mutants)('the mutant "$name" can be made', ({ file, from, to }) => {
  expect(readFileSync(new URL(file, root), 'utf8').split(from).length - 1).toBe(1)
  expect(to).not.toBe(from)
})
