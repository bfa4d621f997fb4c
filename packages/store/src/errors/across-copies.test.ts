import { expect, test } from 'vitest'
import { acrossCopies } from './across-copies.ts'

/** As two modules have them, whose names may have been shortened to the same. */
function copy(name: string, names: readonly string[]): new () => object {
  const { [name]: made } = {
    [name]: class {
      static {
        acrossCopies(this, names)
      }
    },
  }
  if (made === undefined) throw new Error('no class')
  Object.defineProperty(made, 'name', { value: name })
  return made
}

test('what another copy has made is an instance where the class has kept its name', () => {
  expect(new (copy('Queue', ['Queue']))()).toBeInstanceOf(copy('Queue', ['Queue']))
  expect(new (copy('Queue', ['Queue']))()).not.toBeInstanceOf(copy('Discard', ['Discard']))
})

test('two classes that a minifier gave the same name are not taken for one another', () => {
  const [queue, discard] = [copy('t', ['Queue']), copy('t', ['Discard'])]
  expect(new queue()).not.toBeInstanceOf(discard)
  expect(new queue()).toBeInstanceOf(queue)
})

test('a class that an application derives knows its own only', () => {
  const base = copy('Queue', ['Queue'])
  const [one, other] = [class e extends base {}, class e extends base {}]
  expect(new one()).not.toBeInstanceOf(other)
  expect(new one()).toBeInstanceOf(base)
})
